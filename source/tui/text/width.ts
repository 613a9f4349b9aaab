/**
 * Measures, cuts and pads text in terminal columns: only this file knows that a character can take two columns, or
 * none.
 */
import cliTruncate from 'cli-truncate';
import stringWidth from 'string-width';
import type {DisplayText} from '../../../protocol/display-text.ts';

/** Columns of `text`. */
export function widthOf(text: DisplayText): number {
  return stringWidth(text);
}

export type CutOptions = {
  /** The sign in place of the removed part; its width may be more than one column. */
  ellipsis: DisplayText;
};

/** `text` cut at its end to at most `columns`. */
export function cutEnd(text: DisplayText, columns: number, {ellipsis}: CutOptions): DisplayText {
  return cut(text, columns, ellipsis, 'end');
}

/** `text` cut in its middle to at most `columns`: for names. */
export function cutMiddle(text: DisplayText, columns: number, {ellipsis}: CutOptions): DisplayText {
  return cut(text, columns, ellipsis, 'middle');
}

/** `text` cut at its front to at most `columns`: for paths. */
export function cutStart(text: DisplayText, columns: number, {ellipsis}: CutOptions): DisplayText {
  return cut(text, columns, ellipsis, 'start');
}

function cut(
  text: DisplayText,
  columns: number,
  ellipsis: DisplayText,
  position: 'start' | 'middle' | 'end',
): DisplayText {
  if (columns <= 0) {
    return '' as DisplayText;
  }

  if (widthOf(text) <= columns) {
    return text;
  }

  if (columns <= widthOf(ellipsis)) {
    return ellipsis.slice(0, columns) as DisplayText;
  }

  // Parts of a checked text are checked.
  return cliTruncate(text, columns, {position, truncationCharacter: ellipsis}) as DisplayText;
}

/** `text` with spaces after it up to `columns`; a longer text stays unchanged. */
export function padEnd(text: DisplayText, columns: number): DisplayText {
  return (text + spaces(columns - widthOf(text))) as DisplayText;
}

/** `text` with spaces before it up to `columns`; a longer text stays unchanged. */
export function padStart(text: DisplayText, columns: number): DisplayText {
  return (spaces(columns - widthOf(text)) + text) as DisplayText;
}

/** `columns` spaces; none for a negative number. */
export function spaces(columns: number): DisplayText {
  return ' '.repeat(Math.max(0, columns)) as DisplayText;
}

/** `text` repeated `times` times; empty for a negative number. */
export function repeat(text: DisplayText, times: number): DisplayText {
  return text.repeat(Math.max(0, times)) as DisplayText;
}

/** The words of `text` in lines of at most `columns`; a longer word is cut. */
export function wrapWords(text: DisplayText, columns: number, options: CutOptions): DisplayText[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (widthOf(longer as DisplayText) <= columns || line === '') {
      line = longer;
    } else {
      lines.push(line);
      line = word;
    }
  }

  lines.push(line);
  return lines.map(text => cutEnd(text as DisplayText, columns, options));
}

/** The same with longer words broken: for a text that must be shown completely, such as a fingerprint. */
export function wrapWhole(text: DisplayText, columns: number, options: CutOptions): DisplayText[] {
  const words = text.split(' ').flatMap(word => pieces(word as DisplayText, columns));
  return wrapWords(words.join(' ') as DisplayText, columns, options);
}

/** `word` in pieces of at most `columns`. */
function pieces(word: DisplayText, columns: number): string[] {
  if (widthOf(word) <= columns) {
    return [word];
  }

  const all: string[] = [];
  let piece = '';
  for (const character of word) {
    if (piece !== '' && widthOf(`${piece}${character}` as DisplayText) > columns) {
      all.push(piece);
      piece = '';
    }

    piece += character;
  }

  return [...all, piece];
}
