/** The parts of a progress line. Pure functions: numbers and names in, text of a known width out. */
import cliTruncate from 'cli-truncate';
import stringWidth from 'string-width';
import {displayName} from '../../../protocol/display-text.ts';
import {showsUnicode} from '../../shows-unicode.ts';

/** The characters that bars are made of. */
export type BarStyle = {
  readonly full: string;
  /** The seven partly filled cells, by eighths. */
  readonly partly: readonly string[];
  readonly empty: string;
  readonly ellipsis: string;
};

export const unicodeStyle: BarStyle = {
  full: '█',
  partly: ['▏', '▎', '▍', '▌', '▋', '▊', '▉'],
  empty: '─',
  ellipsis: '…',
};

export const asciiStyle: BarStyle = {full: '#', partly: [], empty: '-', ellipsis: '~'};

/** The characters that the terminal can show. */
export function barStyle(environment: NodeJS.ProcessEnv): BarStyle {
  return showsUnicode(environment) ? unicodeStyle : asciiStyle;
}

/** A bar of `width` columns, filled to `fraction` (0 to 1). */
export function bar(fraction: number, width: number, style: BarStyle): string {
  const cells = Math.max(0, Math.min(1, fraction)) * width;
  const full = Math.floor(cells);
  const rest = full < width ? (style.partly[Math.floor((cells - full) * 8) - 1] ?? '') : '';
  return style.full.repeat(full) + rest + style.empty.repeat(width - full - rest.length);
}

/** `name`, safe to show, in exactly `width` columns: cut in the middle or padded with spaces. */
export function cell(name: string, width: number, style: BarStyle): string {
  const text = cliTruncate(displayName(name), width, {
    position: 'middle',
    truncationCharacter: style.ellipsis,
  });
  return text + ' '.repeat(Math.max(0, width - stringWidth(text)));
}

/** A whole percentage. It is 100 only when everything is here. */
export function percent(done: number, total: number): string {
  return `${total === 0 ? 100 : Math.min(100, Math.floor((done / total) * 100))} %`;
}

/** `line`, cut to at most `width` columns. */
export function fit(line: string, width: number): string {
  return stringWidth(line) <= width ? line : cliTruncate(line, width);
}
