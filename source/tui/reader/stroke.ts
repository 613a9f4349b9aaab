/** The effect of a key on a typed line, for an interface without `ink-text-input`. */
import {strokes, type TypedLine} from '../model/typing/line.ts';

/** The text of `line` after `stroke`; unchanged if the key only moves the caret. */
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
