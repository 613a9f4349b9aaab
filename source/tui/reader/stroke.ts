/** What a typed line makes of a key, where no `ink-text-input` is on a screen that does it. */
import {strokes, type TypedLine} from '../model/typing/line.ts';

/** The text of `line` after `stroke`; the same for one that moves the caret alone. */
export function textAfter({text, caret}: TypedLine, stroke: string): string {
  switch (stroke) {
    case strokes.left:
    case strokes.right:
      return text;
    case strokes.backspace:
      return text.slice(0, Math.max(0, caret - 1)) + text.slice(caret);
    default:
      return text.slice(0, caret) + stroke + text.slice(caret);
  }
}
