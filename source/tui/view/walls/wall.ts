/** A horizontal wall as a line: its ends, its joints with vertical walls, and words in it. */
import type {DisplayText} from '../../../../protocol/display-text.ts';
import type {Tone} from '../../terminal/theme.ts';
import {joinTexts, say} from '../../text/say.ts';
import {fitLine, type Line, lineWidth, type Span, span} from '../line/span.ts';
import type {Look} from '../look.ts';

/** Words in a wall: a title at its left, and other words at its right. */
export type Heading = {readonly title: Line; readonly aside: Line};

/** A heading in the part of a wall that begins at column `from` and has `columns`. */
export type PlacedHeading = Heading & {readonly from: number; readonly columns: number};

export type Wall = {
  readonly columns: number;
  readonly ends: readonly [DisplayText, DisplayText];
  readonly joint?: {readonly at: number; readonly sign: DisplayText} | undefined;
  readonly headings: readonly PlacedHeading[];
  /** The first and the last column of the part that belongs to the focused pane. */
  readonly active?: readonly [number, number] | undefined;
};

/** The wall in exactly `columns`. Words cover joints. */
export function wallLine(look: Look, wall: Wall): Line {
  const line: Span[] = [];
  let at = 0;
  for (const {from, words} of wall.headings.flatMap(heading => wordsOf(look, heading))) {
    line.push(...stroke(look, wall, at, from), ...words);
    at = from + lineWidth(words);
  }

  return [...line, ...stroke(look, wall, at, wall.columns)];
}

/** The title is more important than the words beside it: if both do not fit, those are left out. */
function wordsOf({glyphs}: Look, {title, aside, from, columns}: PlacedHeading) {
  const blank = span(say` `);
  const first = fitLine(title, Math.min(lineWidth(title), columns - 4), glyphs);
  const titled = title.length === 0 ? [] : [blank, ...first, blank];
  const beside = aside.length === 0 ? [] : [blank, ...aside, blank];
  const gap = columns - 2 - lineWidth(titled) - lineWidth(beside);
  return [
    ...(titled.length === 0 ? [] : [{from: from + 1, words: titled}]),
    ...(beside.length === 0 || gap < 1
      ? []
      : [{from: from + columns - 1 - lineWidth(beside), words: beside}]),
  ];
}

/** The wall from one column up to another; neighbouring pieces of one tone are joined. */
function stroke({glyphs}: Look, wall: Wall, from: number, to: number): Span[] {
  const {columns, ends, joint, active} = wall;
  const spans: Span[] = [];
  let signs: DisplayText[] = [];
  const toneAt = (column: number): Tone =>
    active !== undefined && column >= active[0] && column <= active[1] ? 'frameActive' : 'frame';
  for (let at = from; at < to; at++) {
    const between = at === joint?.at ? joint.sign : glyphs.horizontal;
    signs.push(at === 0 ? ends[0] : at === columns - 1 ? ends[1] : between);
    if (at + 1 === to || toneAt(at + 1) !== toneAt(at)) {
      spans.push(span(joinTexts(signs, say``), toneAt(at)));
      signs = [];
    }
  }

  return spans;
}
