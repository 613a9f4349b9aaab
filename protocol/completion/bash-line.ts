/**
 * Reads a bash command line up to the cursor, including its quotes. It expands and runs nothing: a word whose value only
 * the shell can know has no value here.
 */

/** The kind of quote that is open at the end of a line. */
export type Quote = 'none' | 'single' | 'double';

export type ReadLine = {
  /**
   * The words without their quotes; undefined for a word that contains a variable, a command or the like. The last word is
   * the one at the cursor; after a space it is empty.
   */
  readonly words: ReadonlyArray<string | undefined>;
  readonly quote: Quote;
};

/** The words of `line`, the part of a command line before the cursor. */
export function readBashLine(line: string): ReadLine {
  const words: Array<string | undefined> = [];
  let word: {value: string | undefined} | undefined;
  let quote: Quote = 'none';
  for (const [piece] of line.matchAll(/\\.|./gsu)) {
    // To bash, the other blanks of Unicode are letters like any others.
    if (quote === 'none' && /^[ \t\n]$/.test(piece)) {
      words.push(...(word === undefined ? [] : [word.value]));
      word = undefined;
      continue;
    }

    const after = afterPiece(piece, quote);
    const before: string | undefined = word === undefined ? '' : word.value;
    quote = after.quote;
    word = {
      value: before === undefined || after.adds === undefined ? undefined : before + after.adds,
    };
  }

  return {words: [...words, word === undefined ? '' : word.value], quote};
}

/** What one character, or one after a backslash, adds to a word; undefined: only the shell knows. */
type After = {readonly quote: Quote; readonly adds: string | undefined};

function afterPiece(piece: string, quote: Quote): After {
  const behind = piece.length > 1 && piece.startsWith('\\') ? piece.slice(1) : undefined;
  switch (quote) {
    case 'single':
      return {quote: piece.endsWith("'") ? 'none' : quote, adds: piece.replace(/'$/, '')};
    case 'double':
      return inDoubleQuotes(piece, behind);
    case 'none':
      return outsideQuotes(piece, behind);
  }
}

/** A backslash at the end of a line: bash puts it there if all candidates continue with a quoted character. */
const half = '\\';

function inDoubleQuotes(piece: string, behind: string | undefined): After {
  if (behind !== undefined) {
    return {quote: 'double', adds: /[$`"\\]/.test(behind) ? behind : behind === '\n' ? '' : piece};
  }

  switch (piece) {
    case '"':
      return {quote: 'none', adds: ''};
    case half:
      return {quote: 'double', adds: ''};
    default:
      return {quote: 'double', adds: /[$`]/.test(piece) ? undefined : piece};
  }
}

function outsideQuotes(piece: string, behind: string | undefined): After {
  if (behind !== undefined) {
    return {quote: 'none', adds: behind === '\n' ? '' : behind};
  }

  switch (piece) {
    case "'":
      return {quote: 'single', adds: ''};
    case '"':
      return {quote: 'double', adds: ''};
    case half:
      return {quote: 'none', adds: ''};
    default:
      // A variable, a command or a redirection.
      return {quote: 'none', adds: /[$`<>|&;()]/.test(piece) ? undefined : piece};
  }
}

/** Quote `text` for bash as the continuation of a word inside `quote`. */
export function quoteForBash(text: string, quote: Quote): string {
  switch (quote) {
    case 'single':
      return text.replaceAll("'", "'\\''");
    case 'double':
      // Inside double quotes, bash would replace `!` by an earlier command, with or without a backslash.
      return text.replace(/["$\\`]/g, '\\$&').replaceAll('!', '"\\!"');
    case 'none':
      return text.replace(/[^A-Za-z0-9_./:=@%+,\u0080-\uffff-]/g, '\\$&');
  }
}
