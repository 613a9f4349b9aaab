/**
 * The last line while the user types: a label, the text, and words about it. `ink-text-input` edits and draws the text.
 * This file makes the drawn text safe to show, cuts it to its room around the caret, and marks the whole character at
 * the caret: the component counts UTF-16 units and marks code points, and it cannot mark anything without colours.
 */
import {Text, Transform} from 'ink';
import TextInput from 'ink-text-input';
import {type ReactNode, useContext, useLayoutEffect, useRef, useState} from 'react';
import {type DisplayText, displayName} from '../../../protocol/display-text.ts';
import {firstCluster, type TypedLine} from '../model/typing/line.ts';
import type {PromptView} from '../model/typing/prompt.ts';
import type {Glyphs} from '../terminal/glyphs.ts';
import {say} from '../text/say.ts';
import {cutEnd, cutStart, padEnd, widthOf} from '../text/width.ts';
import {fitLine, type Line, lineWidth, type Span, span} from './line/span.ts';
import {LookContext} from './look.ts';

type TypedLineProps = {
  readonly view: PromptView;
  readonly columns: number;
  /** Called with the text after a key. */
  readonly onChange: (text: string) => void;
};

export function TypedLineView({view, columns, onChange}: TypedLineProps): ReactNode {
  const {glyphs, theme} = useContext(LookContext);
  const drawn = useRef('');
  const {front, room, back} = partsOf(view, columns, glyphs);
  const spanned = ({text, tone}: Span, index: number) => (
    // The pieces of a line have no identity except their place.
    <Text key={index} {...theme.tones[tone]}>
      {text}
    </Text>
  );
  const draw = (text: string): string => {
    if (!view.isHalf) {
      drawn.current = drawTyped(text, view.caret, room, glyphs);
    }

    return drawn.current;
  };
  return (
    <Text wrap="truncate-end">
      {front.map(spanned)}
      <Transform transform={draw}>
        <PlacedInput key={view.placing} line={view} onChange={onChange} />
      </Transform>
      {back.map(spanned)}
    </Text>
  );
}

type PlacedInputProps = {readonly line: TypedLine; readonly onChange: (text: string) => void};

/** A text input whose caret is moved to its place: the component puts it after the initial text. */
function PlacedInput({line: {text, caret}, onChange}: PlacedInputProps): ReactNode {
  const [isPlaced, setPlaced] = useState(false);
  useLayoutEffect(() => setPlaced(true), []);
  return <TextInput value={isPlaced ? text : text.slice(0, caret)} onChange={onChange} />;
}

/** Least columns of text and caret, whatever is beside them. */
const leastRoom = 12;
/** Least columns of a hint that is cut. */
const leastHint = 16;

/** The room of the text, in columns, and the words before and after it. */
export function partsOf(
  {label, hint, complaint, text}: Omit<PromptView, 'isHalf' | 'placing'>,
  columns: number,
  glyphs: Glyphs,
): {front: Line; room: number; back: Line} {
  const front = [span(say` ${label} `, 'accent')];
  const back = [
    complaint === undefined ? span(say`  ${hint} `, 'faint') : span(say`  ${complaint} `, 'bad'),
  ];
  const width = Math.min(columns, widthOf(displayName(text.slice(0, columns))) + 1);
  const isRoomy = lineWidth(front) + width + lineWidth(back) <= columns;
  if (isRoomy || complaint === undefined) {
    const left = columns - lineWidth(front) - width;
    const shown = isRoomy ? back : left < leastHint ? [] : fitLine(back, left, glyphs);
    return {front, room: Math.max(1, columns - lineWidth(front) - lineWidth(shown)), back: shown};
  }

  // If not everything fits, the complaint is more important than the label.
  const room = Math.max(leastRoom, columns - lineWidth(back) - 1);
  return {front: [span(say` `)], room: Math.min(room, columns - 1), back};
}

const caretOn = '\u001b[7m';
const caretOff = '\u001b[27m';
/** Most UTF-16 units for one column; further units are not shown. */
const unitsPerColumn = 4;

/**
 * The text that `ink-text-input` has drawn, in exactly `room` columns, with its caret visible.
 *
 * @param caret offset in UTF-16 units.
 */
export function drawTyped(drawn: string, caret: number, room: number, glyphs: Glyphs): string {
  const isMarked = drawn.includes(caretOn);
  const text = drawn.replaceAll(caretOn, '').replaceAll(caretOff, '');
  const under = firstCluster(text.slice(caret));
  const shown = displayName(under);
  const mark = cutEnd(
    isMarked ? (widthOf(shown) > 0 ? shown : say` `) : glyphs.caret,
    room,
    glyphs,
  );
  const behind =
    (isMarked || under === ' ' ? '' : under) + text.slice(caret + under.length).trimEnd();
  const left = room - widthOf(mark);
  const end = cutEnd(
    displayName(behind.slice(0, left * unitsPerColumn)),
    Math.floor(left / 3),
    glyphs,
  );
  const begin = startCut(text.slice(0, caret), left - widthOf(end), glyphs);
  // More of the end, if the beginning leaves room for it.
  const more = cutEnd(
    displayName(behind.slice(0, left * unitsPerColumn)),
    left - widthOf(begin),
    glyphs,
  );
  const tail = padEnd(more, left - widthOf(begin));
  return isMarked ? `${begin}${caretOn}${mark}${caretOff}${tail}` : `${begin}${mark}${tail}`;
}

/** The last `columns` of `text`, which may be much longer. */
function startCut(text: string, columns: number, glyphs: Glyphs): DisplayText {
  const units = columns * unitsPerColumn;
  return text.length <= units
    ? cutStart(displayName(text), columns, glyphs)
    : cutStart(say`${glyphs.ellipsis}${displayName(text.slice(-units))}`, columns, glyphs);
}
