/**
 * Text from outside (names, messages, addresses) made safe to show on a terminal or in
 * a log: whatever could move the cursor, change colours, reorder or hide text becomes a
 * visible escape. Nothing else may print a foreign string.
 */

declare const displayText: unique symbol;

/** A string with no character that can drive a terminal. */
export type DisplayText = string & {readonly [displayText]: true};

// C0, DEL and C1 controls; the bidirectional controls; line and paragraph separators;
// invisible operators, joiners that are not needed in names, tags; unpaired surrogates. And a mark without a letter before
// it: it would be drawn over what stands there, a blank or a wall, and take no column of its own.
const hostile =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the purpose
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}\p{Surrogate}]|[\p{M}\p{Emoji_Modifier}\u0e33\u0eb3\u200d](?<=(?:^|[ |+\u2500-\u257f]).)/gu;

/**
 * `text` with every hostile character shown as an escape: `\x1b`, `\u{202e}`; a byte of a
 * name that is not UTF-8 as `\xe9`.
 */
export function displayName(text: string): DisplayText {
  return text.replace(hostile, visible) as DisplayText;
}

/** `path` or a mask for a message: safe to show, and cut in the middle beyond 300 characters. */
export function shortName(path: string): string {
  const shown = displayName(path);
  return shown.length > 300 ? `${shown.slice(0, 150)}…${shown.slice(-149)}` : shown;
}

function visible(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  // A byte that is not UTF-8, as remote-path.ts keeps it.
  if (code >= 0xdc80 && code <= 0xdcff) {
    return `\\x${(code - 0xdc00).toString(16)}`;
  }

  return code <= 0xff ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
}
