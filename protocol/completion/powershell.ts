/**
 * Reads the words that the PowerShell script sends, and writes its answer. Both are ASCII: base64 and JSON with escapes. So
 * neither the encoding of the console nor the quoting rules of a PowerShell version can change them.
 */
import {displayName} from '../display-text.ts';
import type {Answer} from './answer.ts';

/**
 * @param encoded a JSON array of the words after the program's name, in UTF-8 and base64. A word is null if only the shell
 * knows its value: it contains a variable or a command.
 * @throws Error if it is not such an array.
 */
export function readPowerShellWords(encoded: string): Array<string | undefined> {
  const words: unknown = JSON.parse(Buffer.from(encoded, 'base64').toString('utf8'));
  if (!Array.isArray(words)) {
    throw new TypeError('The words are not an array');
  }

  return words.map((word: unknown) => {
    if (word !== null && typeof word !== 'string') {
      throw new TypeError('A word is neither a text nor null');
    }

    return word ?? undefined;
  });
}

/** `answer` as one line of JSON: each word as `text`, as the `quoted` text to insert, and with what it is `about`. */
export function powerShellAnswer({kind, words}: Answer): string {
  const rows = words.map(({text, about}) => ({
    text,
    quoted: quoteForPowerShell(text),
    about: about === undefined ? text : displayName(about),
  }));
  const json = JSON.stringify({kind, words: rows});
  return `${json.replace(/[^ -~]/g, unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)}\n`;
}

/**
 * Options and words that PowerShell reads as one text. It would read `1kb` as a number, `a,b` as a list, and `-a.b` as two
 * words.
 */
const plainWord = /^(?:[1-9]\d{0,8}|-[a-z]|(?:--)?[\p{L}_/][\p{L}\p{N}_./:%=+-]*)$/iu;

/** PowerShell takes four typographic quotes for `'`, too; two of them stand for one. */
export function quoteForPowerShell(text: string): string {
  return plainWord.test(text) ? text : `'${text.replace(/['\u2018-\u201B]/g, '$&$&')}'`;
}
