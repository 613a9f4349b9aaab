/** Splits a typed command into words: they are separated by spaces, and quoted as in a shell. */

export type Word = {
  /** Without its quotes. */
  readonly text: string;
  /** Where it begins in the line. */
  readonly from: number;
};

/**
 * The words of `line`. `'…'` and `"…"` quote everything inside, also without a closing quote; `\` quotes a space or a
 * quote. Before other characters `\` stays, because masks use it.
 */
export function wordsOf(line: string): Word[] {
  const words: Word[] = [];
  const token = /\s+|'([^']*)(?:'|$)|"([^"]*)(?:"|$)|\\([\s'"])|(.)/gsu;
  let isWord = false;
  for (const {index, 0: all, 1: single, 2: double, 3: escaped, 4: plain} of line.matchAll(token)) {
    const piece = single ?? double ?? escaped ?? plain;
    if (piece === undefined) {
      isWord = false;
    } else if (isWord) {
      const last = words.pop();
      words.push({text: `${last?.text}${piece}`, from: last?.from ?? index});
    } else {
      isWord = all !== '';
      words.push({text: piece, from: index});
    }
  }

  return words;
}

/** `text` as one word of a line. */
export function quoted(text: string): string {
  if (text !== '' && !/[\s'"]|\\$/.test(text)) {
    return text;
  }

  // A quote is put into quotes of the other kind.
  return text.includes("'") ? text.replaceAll(/[^']+|'+/g, quotePart) : `'${text}'`;
}

function quotePart(part: string): string {
  return part.startsWith("'") ? `"${part}"` : `'${part}'`;
}
