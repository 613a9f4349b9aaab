/** One line of typed text with a caret; a value, changed by keys. */
import type {Key} from '../terminal/key.ts';

export type LineEditor = {
  /** Code points, so that no character is ever cut in two. */
  readonly before: readonly string[];
  readonly after: readonly string[];
};

/** A line with `text` in it and the caret behind. */
export function lineEditor(text = ''): LineEditor {
  return {before: [...text], after: []};
}

/** The whole text of a line. */
export function lineText({before, after}: LineEditor): string {
  return [...before, ...after].join('');
}

/** `line` after `key`; undefined if the key means nothing to it. */
export function editLine(line: LineEditor, key: Key): LineEditor | undefined {
  const {before, after} = line;
  switch (key.name) {
    case 'backspace':
      return {before: before.slice(0, -1), after};
    case 'delete':
    case 'ctrl-d':
      return {before, after: after.slice(1)};
    case 'left':
    case 'ctrl-b':
      return {before: before.slice(0, -1), after: [...before.slice(-1), ...after]};
    case 'right':
    case 'ctrl-f':
      return {before: [...before, ...after.slice(0, 1)], after: after.slice(1)};
    case 'home':
    case 'ctrl-a':
      return {before: [], after: [...before, ...after]};
    case 'end':
    case 'ctrl-e':
      return {before: [...before, ...after], after: []};
    case 'ctrl-u':
      return {before: [], after};
    case 'ctrl-w':
      return {before: [...before.join('').replace(/\S*\s*$/, '')], after};
    default:
      return key.text === '' ? undefined : insertText(line, key.text);
  }
}

/**
 * `line` with typed or pasted `text` at the caret; only its first line, and no control
 * characters.
 */
export function insertText(line: LineEditor, text: string): LineEditor {
  const [first = ''] = text.split(/[\r\n]/);
  return {...line, before: [...line.before, ...first.replaceAll(/\p{Cc}/gu, '')]};
}
