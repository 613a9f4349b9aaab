/**
 * Makes text from outside (names, messages, addresses) safe to show on a terminal or in a log: characters that could move
 * the cursor, change colours, reorder or hide text become visible escapes. Print text from outside only through this.
 */

declare const displayText: unique symbol;

/** A string without characters that can control a terminal. */
export type DisplayText = string & {readonly [displayText]: true};

// C0, DEL and C1 controls; bidirectional controls; line and paragraph separators; invisible operators, joiners that names
// do not need, tags; unpaired surrogates. And a combining mark without a letter before it: a terminal would draw it over
// the character before it, and it would take no column.
const hostile =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the purpose
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}\p{Surrogate}]|[\p{M}\p{Emoji_Modifier}\u0e33\u0eb3\u200d](?<=(?:^|[ |+\u2500-\u257f]).)/gu;

/**
 * `text` with an escape for every hostile character, such as `\x1b` or `\u{202e}`, and for every byte of a name that is
 * not UTF-8, such as `\xe9`.
 */
export function displayName(text: string): DisplayText {
  return text.replace(hostile, visible) as DisplayText;
}

/** A path or a mask for a message: safe to show, and shortened in the middle if longer than 300 characters. */
export function shortName(path: string): string {
  const shown = displayName(path);
  return shown.length > 300 ? `${shown.slice(0, 150)}…${shown.slice(-149)}` : shown;
}

function visible(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  // A byte that is not UTF-8, in the form of remote-path.ts.
  if (code >= 0xdc80 && code <= 0xdcff) {
    return `\\x${(code - 0xdc00).toString(16)}`;
  }

  return code <= 0xff ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
}
