/**
 * Translates keys of a typed line into the keys that `ink-text-input` knows. That component inserts text, and moves or
 * erases one UTF-16 unit to the left; it does not tell its caret. The component owns the text. This code follows its
 * caret, so that no key goes beyond an end or into the middle of a character.
 */
import type {Key} from '../../terminal/key.ts';

/** A line, and its caret as an offset in UTF-16 units. */
export type TypedLine = {readonly text: string; readonly caret: number};

/** The effect of a key on a line: move the caret by so many units, erase so many before it, and insert. */
export type Edit = {readonly move: number; readonly erase: number; readonly insert: string};

/** Most UTF-16 units of a line: more than users type or paste. */
const maxLength = 65_536;

// Its rules take time to load, and most screens never open a line.
let clusters: Intl.Segmenter | undefined;

/** The effect of `key` on `line`; undefined if a line does not use it. */
export function editOf({text, caret}: TypedLine, key: Key): Edit | undefined {
  const before = text.slice(0, caret);
  const after = text.slice(caret);
  switch (key.name) {
    case 'backspace':
      return edit({erase: lastCluster(before).length});
    case 'delete':
    case 'ctrl-d':
      return eraseNext(firstCluster(after).length);
    case 'left':
    case 'ctrl-b':
      return edit({move: -lastCluster(before).length});
    case 'right':
    case 'ctrl-f':
      return edit({move: firstCluster(after).length});
    case 'home':
    case 'ctrl-a':
      return edit({move: -caret});
    case 'end':
    case 'ctrl-e':
      return edit({move: after.length});
    case 'ctrl-u':
      return edit({erase: caret});
    case 'ctrl-k':
      return eraseNext(after.length);
    case 'ctrl-w':
      return edit({erase: caret - wordStart(before)});
    default:
      return key.text === '' ? undefined : insertion({text, caret}, key.text);
  }
}

/**
 * The effect of typed or pasted `text` at the caret: inserts its first line with content, without control characters.
 */
export function insertion(line: TypedLine, text: string): Edit {
  const first = text.split(/[\r\n]/).find(part => part !== '') ?? '';
  const room = Math.max(0, maxLength - line.text.length);
  return edit({
    insert: first
      .replaceAll(/\p{Cc}/gu, '')
      .slice(0, room)
      .toWellFormed(),
  });
}

/** `line` after `edit`. */
export function edited({text, caret}: TypedLine, {move, erase, insert}: Edit): TypedLine {
  const end = caret + move;
  const front = text.slice(0, end - erase) + insert;
  return {text: front + text.slice(end), caret: front.length};
}

/** Bytes of the keys that `ink-text-input` knows. */
export const strokes = {left: '\u001b[D', right: '\u001b[C', backspace: '\u007f'} as const;

/** `edit` as keys that `ink-text-input` knows, one by one; the inserted text is one of them. */
export function strokesOf({move, erase, insert}: Edit): string[] {
  const arrow = move < 0 ? strokes.left : strokes.right;
  return [
    ...Array.from({length: Math.abs(move)}, () => arrow),
    ...Array.from({length: erase}, () => strokes.backspace),
    ...(insert === '' ? [] : [insert]),
  ];
}

function edit({move = 0, erase = 0, insert = ''}: Partial<Edit>): Edit {
  return {move, erase, insert};
}

function eraseNext(units: number): Edit {
  return edit({move: units, erase: units});
}

function lastCluster(text: string): string {
  return clusterAt(text, text.length - 1);
}

/** The first character of `text`, with its combining marks. */
export function firstCluster(text: string): string {
  return clusterAt(text, 0);
}

function clusterAt(text: string, unit: number): string {
  clusters ??= new Intl.Segmenter('en', {granularity: 'grapheme'});
  return clusters.segment(text).containing(unit)?.segment ?? '';
}

/** The start of the last word of `text`; spaces after the word belong to it. */
function wordStart(text: string): number {
  let start = text.trimEnd().length;
  while (start > 0 && /\S/.test(text.charAt(start - 1))) {
    start--;
  }

  return start;
}
