/**
 * Text in its columns, whatever the terminal thinks of the width of a character. Terminals do not agree
 * on those of several code points (families, skin tones, vowel signs of Thai and Hindi) and on new ones: in
 * a row of them all that follows would stand too far to the right, or wrap and push the picture apart. So
 * the room of such a text is cleared first, and the cursor is set behind it.
 *
 *     │ 👍🏽 tone.txt    2 B │   ──►   │ ␣␣␣␣␣␣␣␣␣␣␣␣␣␣␣⇤👍🏽 tone.txt⇥2 B │      ⇤ ⇥: to a column of the screen
 */
import stringWidth from 'string-width';

/** Letters, signs of our own and characters of East Asia are certain; all others are not. */
const uncertain =
  /[^\0-\u02ff\u0370-\u0482\u048a-\u058f\u1e00-\u200a\u2010-\u20cf\u2100-\u302d\u3030-\ua4cf\uac00-\ud7a3\uf900-\ufaff\uff01-\uff9d]/u;
/** A letter with marks above and below it is certain, too. */
const accented = /^[ -\u02ff\u0370-\u058f\u1e00-\u1fff]\p{Nonspacing_Mark}{1,4}$/u;
/** Letters that are read from the right. */
const fromRight =
  /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;
/** It is read from the left and has no width: digits in the next column stay at the right of a name. */
const leftMark = '\u200e';

const parts =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  /\u001b\[(?<parameters>[ -?]*)(?<final>[@-~])|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)|\u001b[^[\]]|[\r\n]|[^\u001b\r\n]+/g;

/** Words with one blank between them, and the blanks up to the next column; walls between panes. */
const pieces = /[^ |+\u2500-\u257f]+(?: [^ |+\u2500-\u257f]+)* *|[ |+\u2500-\u257f]+/g;

// Its rules take time to load, and most folders have no such names.
let clusters: Intl.Segmenter | undefined;

/**
 * `chunk`, which begins to write at the left end of a row, or goes to its place itself.
 *
 * @param columns of the screen: nothing uncertain stands where it might not fit.
 */
export function steadyText(chunk: string, columns: number): string {
  if (!uncertain.test(chunk)) {
    return chunk;
  }

  let column = 0;
  let steady = '';
  for (const match of chunk.matchAll(parts)) {
    const [part] = match;
    const {parameters = '', final} = match.groups ?? {};
    if (part === '\r' || part === '\n' || final === 'E') {
      column = 0;
      steady += part;
    } else if (final === 'G' || final === 'H') {
      column = Math.max(0, Number(parameters.split(';').at(final === 'G' ? 0 : 1) || 1) - 1);
      steady += part;
    } else if (part.startsWith('\u001b')) {
      steady += part;
    } else {
      steady += steadyRun(part, column, columns);
      column += stringWidth(part);
    }
  }

  return steady;
}

/** Text without sequences that begins at `column`. */
function steadyRun(run: string, column: number, columns: number): string {
  let at = column;
  let steady = '';
  for (const [piece] of run.matchAll(pieces)) {
    const text = piece.trimEnd();
    steady += uncertain.test(text)
      ? steadyPiece(text, piece.length - text.length, at, columns)
      : piece;
    at += stringWidth(piece);
  }

  return steady;
}

/** `text` and as many blanks. Where it may be wider, and they do not suffice, each cluster gets its own place. */
function steadyPiece(text: string, blanks: number, at: number, columns: number): string {
  const width = stringWidth(text);
  const end = at + width + blanks;
  const isRoomy = widest(text) < width + blanks || (widest(text) <= width && end <= columns);
  const mark = fromRight.test(text) ? leftMark : '';
  return isRoomy
    ? `${' '.repeat(width + blanks)}${toColumn(at)}${text}${mark}${toColumn(end)}`
    : `${placedClusters(text, at, columns)}${mark && mark + toColumn(at + width)}${' '.repeat(blanks)}`;
}

function placedClusters(text: string, from: number, columns: number): string {
  clusters ??= new Intl.Segmenter('en', {granularity: 'grapheme'});
  let at = from;
  let placed = '';
  for (const {segment} of clusters.segment(text)) {
    const width = stringWidth(segment);
    const room = ' '.repeat(width);
    if (!uncertain.test(segment) || accented.test(segment)) {
      placed += segment;
    } else {
      // At the right edge it might wrap.
      const shown = at + widest(segment) > columns ? '' : segment;
      placed += `${room}${toColumn(at)}${shown}${toColumn(at + width)}`;
    }

    at += width;
  }

  return placed;
}

/** Columns that `text` takes on a terminal that knows of no clusters. */
function widest(text: string): number {
  let columns = 0;
  for (const character of text) {
    columns += /\p{Regional_Indicator}/u.test(character) ? 2 : stringWidth(character);
  }

  return columns;
}

function toColumn(column: number): string {
  return `\u001b[${column + 1}G`;
}
