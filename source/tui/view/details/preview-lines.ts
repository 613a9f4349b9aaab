/** The beginning of a file, as text or as bytes, and the names in a folder. */
import {type DisplayText, displayName} from '../../../../protocol/display-text.ts';
import {keyOf} from '../../keys/keymap.ts';
import type {PreviewView} from '../../model/details/preview.ts';
import {formatCount, plural} from '../../text/format.ts';
import {say, sentence} from '../../text/say.ts';
import {cutEnd, repeat, wrapWords} from '../../text/width.ts';
import {type Line, span} from '../line/span.ts';
import type {Look} from '../look.ts';

/** At most `rows` lines: a heading, then the file from its first shown line on. */
export function previewLines(
  {glyphs}: Look,
  {state, offset, isAsked}: PreviewView,
  columns: number,
  rows: number,
): Line[] {
  if (rows <= 0) {
    return [];
  }

  const heading = (text: DisplayText): Line => {
    const rule = repeat(glyphs.horizontal, Math.max(0, columns - text.length - 3));
    return [span(cutEnd(say`${glyphs.horizontal} ${text} ${rule}`, columns, glyphs), 'faint')];
  };
  const wrapped = (text: DisplayText, tone: 'faint' | 'bad'): Line[] =>
    wrapWords(text, columns, glyphs).map(line => [span(line, tone)]);
  // A preview that shows by itself tells the user how to hide it.
  const wayOut = isAsked ? say`` : say` (${keyOf('preview')} hides it)`;
  const ends = (isCut: boolean) => say`${isCut ? say`, the beginning` : say``}${wayOut}`;
  switch (state.name) {
    case 'none':
      return wrapped(
        say`Move to a file or a folder to see what is in it. ${keyOf('back')} closes this.`,
        'faint',
      ).slice(0, rows);
    case 'reading':
      // While a key is held, the cursor moves on: nothing must flicker in the pane meanwhile.
      return !isAsked && state.percent === 0
        ? []
        : [heading(say`reading${glyphs.ellipsis} ${state.percent} %`)];
    case 'failed':
      return wrapped(say`It cannot be shown: ${sentence(state.reason)}`, 'bad').slice(0, rows);
    case 'text': {
      const {encoding, lines, isCut} = state;
      const text =
        lines.length === 0
          ? say`an empty file`
          : say`${displayName(encoding)}, ${plural(lines.length, 'line')}${ends(isCut)}`;
      return [
        heading(text),
        ...lines
          .slice(offset, offset + rows - 1)
          .map((line): Line => [span(cutEnd(line, columns, glyphs))]),
      ];
    }

    case 'folder': {
      const {names, isCut} = state;
      const text =
        names.length === 0
          ? say`an empty folder`
          : say`${plural(names.length, 'entry', 'entries')}${ends(isCut)}`;
      return [
        heading(text),
        ...names
          .slice(offset, offset + rows - 1)
          .map(
            (name): Line => [
              span(cutEnd(name, columns, glyphs), name.endsWith('/') ? 'folder' : 'plain'),
            ],
          ),
      ];
    }

    case 'bytes': {
      const {bytes, isCut} = state;
      return [
        heading(say`${formatCount(bytes.length)} bytes${ends(isCut)}`),
        ...hexLines(bytes, offset, columns, rows - 1),
      ];
    }
  }
}

/** Bytes of one step of the offset; narrow screens show them in two or four lines. */
const bytesPerStep = 16;

function hexLines(bytes: Uint8Array, offset: number, columns: number, rows: number): Line[] {
  // A byte takes three columns and one more, the address ten.
  const each = [16, 8, 4].find(count => 10 + count * 4 + 1 <= columns) ?? 2;
  const lines: Line[] = [];
  for (let at = offset * bytesPerStep; at < bytes.length && lines.length < rows; at += each) {
    lines.push(hexLine(bytes.subarray(at, at + each), at, each));
  }

  return lines;
}

function hexLine(bytes: Uint8Array, at: number, each: number): Line {
  const hex = Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join(' ');
  const characters = Array.from(bytes, byte =>
    byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.',
  ).join('');
  return [
    span(displayName(at.toString(16).padStart(8, '0')), 'faint'),
    span(displayName(`  ${hex.padEnd(each * 3)}`)),
    span(displayName(` ${characters}`), 'faint'),
  ];
}
