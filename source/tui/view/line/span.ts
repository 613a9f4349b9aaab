/** A line of the screen as data: pieces of checked text, each with its tone. */
import type {DisplayText} from '../../../../protocol/display-text.ts';
import type {Tone} from '../../terminal/theme.ts';
import {type CutOptions, cutEnd, spaces, widthOf} from '../../text/width.ts';

export type Span = {readonly text: DisplayText; readonly tone: Tone};
export type Line = readonly Span[];

export function span(text: DisplayText, tone: Tone = 'plain'): Span {
  return {text, tone};
}

/** Columns of a line. */
export function lineWidth(line: Line): number {
  return line.reduce((width, {text}) => width + widthOf(text), 0);
}

/** `line` in exactly `columns`: cut at the end, or padded with spaces. */
export function fitLine(line: Line, columns: number, options: CutOptions): Line {
  const fitted: Span[] = [];
  let left = columns;
  for (const {text, tone} of line) {
    const cut = cutEnd(text, left, options);
    if (cut !== '') {
      fitted.push({text: cut, tone});
      left -= widthOf(cut);
    }

    // After a cut span the line is full.
    if (cut !== text) {
      break;
    }
  }

  return left > 0 ? [...fitted, span(spaces(left))] : fitted;
}

/** `left` and `right` with room between, in exactly `columns`; `right` is left out if both do not fit. */
export function spread(left: Line, right: Line, columns: number, options: CutOptions): Line {
  const gap = columns - lineWidth(left) - lineWidth(right);
  return gap >= 1 ? [...left, span(spaces(gap)), ...right] : fitLine(left, columns, options);
}
