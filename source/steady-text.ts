/**
 * Keeps text in its columns, whatever width the terminal gives to a character. Terminals do not agree
 * on the width of clusters of several code points (families, skin tones, vowel signs of Thai and Hindi), and on new
 * characters: the rest of such a row would be too far to the right, or would wrap and destroy the picture. So the room
 * of such a text is cleared first, and after the text the cursor is moved to the next column.
 *
 *     │ 👍🏽 tone.txt    2 B │   ──►   │ ␣␣␣␣␣␣␣␣␣␣␣␣␣␣␣⇤👍🏽 tone.txt⇥2 B │      ⇤ ⇥: to a column of the screen
 */
import stringWidth from 'string-width';

/** The width of letters, of our own signs and of East Asian characters is certain; the width of all others is not. */
const uncertain =
  /[^\0-\u02ff\u0370-\u0482\u048a-\u058f\u1e00-\u200a\u2010-\u20cf\u2100-\u302d\u3030-\ua4cf\uac00-\ud7a3\uf900-\ufaff\uff01-\uff9d]/u;
/** The width of a letter with marks above and below it is certain, too. */
const accented = /^[ -\u02ff\u0370-\u058f\u1e00-\u1fff]\p{Nonspacing_Mark}{1,4}$/u;
/** Letters of right-to-left scripts. */
const fromRight =
  /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;
/** A left-to-right mark without width: it keeps digits in the next column to the right of a name. */
const leftMark = '\u200e';

const parts =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the pattern finds control sequences
  /\u001b\[(?<parameters>[ -?]*)(?<final>[@-~])|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)|\u001b[^[\]]|[\r\n]|[^\u001b\r\n]+/g;

/** Words with single blanks between them, and the blanks up to the next column; walls between panes. */
const pieces = /[^ |+\u2500-\u257f]+(?: [^ |+\u2500-\u257f]+)* *|[ |+\u2500-\u257f]+/g;

// Its rules take time to load, and most folders have no such names.
let clusters: Intl.Segmenter | undefined;

/**
 * `chunk` with its uncertain text held in its columns. `chunk` begins at the left end of a row, or moves the cursor
 * itself.
 *
 * @param columns of the screen: no uncertain text is written where it might not fit.
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

/** Text without escape sequences that begins at `column`. */
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

/** `text` and its following blanks. If the text may be wider than these allow, each cluster is placed by itself. */
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

/** Columns of `text` on a terminal that does not combine clusters. */
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
