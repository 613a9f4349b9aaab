/**
 * Quotes words for the shell of another machine. sh, bash, dash, zsh and fish read them alike; csh does, except words with a
 * newline or with bytes that are not UTF-8.
 */
import {nameFromBytes, nameToBytes} from './remote-path.ts';

const plain = /^[A-Za-z0-9_./-]$/;

/** `word`, a string of `nameFromBytes`, as one word of a command line. */
export function quoteWord(word: string): string {
  if (word === '') {
    return "''";
  }

  // In a string with unpaired surrogates, each surrogate represents one byte.
  return [...word].map(quoteCharacter).join('');
}

function quoteCharacter(character: string): string {
  if (character === '\n') {
    return "'\n'";
  }

  if (!character.isWellFormed()) {
    const [byte = 0] = nameToBytes(character);
    return `"$(printf '\\${byte.toString(8)}')"`;
  }

  return character > '\u007f' || plain.test(character) ? character : `\\${character}`;
}

/**
 * The words of a command line that consists of plain words and results of `quoteWord`; undefined if it contains anything
 * else that a shell would interpret.
 */
export function unquoteWords(line: string): string[] | undefined {
  const words: string[] = [];
  let word: Uint8Array[] | undefined;
  let at = 0;
  while (at < line.length) {
    if (line[at] === ' ') {
      if (word !== undefined) {
        words.push(nameFromBytes(joined(word)));
      }

      word = undefined;
      at++;
      continue;
    }

    const [whole, escaped, byte, literal] = pieceAt(line, at) ?? [];
    if (whole === undefined) {
      return undefined;
    }

    word ??= [];
    const text = escaped ?? literal ?? (whole.startsWith("'") ? whole.slice(1, -1) : '');
    word.push(byte === undefined ? nameToBytes(text) : Uint8Array.of(Number.parseInt(byte, 8)));
    at += whole.length;
  }

  if (word !== undefined) {
    words.push(nameFromBytes(joined(word)));
  }

  return words;
}

/** The piece at `at`: an empty or newline quote, an escaped character, a byte, or characters that need no quotes. */
function pieceAt(line: string, at: number): RegExpExecArray | null {
  const piece =
    /'\n?'|\\([^\nA-Za-z0-9])|"\$\(printf '\\([1-3]?[0-7]{1,2})'\)"|([A-Za-z0-9_./\-\u0080-\uffff]+)/y;
  piece.lastIndex = at;
  return piece.exec(line);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap(part => [...part]));
}
