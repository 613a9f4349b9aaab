/** Completes a typed line with Tab. */
import {type DisplayText, displayName} from '../../../../protocol/display-text.ts';
import {joinTexts, say} from '../../text/say.ts';
import type {TypedLine} from './line.ts';

/** Texts that may replace the typed text from `from` up to the caret. */
export type Completion = {readonly from: number; readonly choices: readonly string[]};

/** Choices that further Tabs put into the line, one after the other. */
export type Cycle = {
  readonly front: string;
  readonly choices: readonly string[];
  readonly rest: string;
  /** The choice that is in the line; -1 before the first. */
  readonly at: number;
};

type Completed = {
  readonly line: TypedLine;
  /** The choices in words, if there are several or none. */
  readonly offer: DisplayText | undefined;
  readonly cycle: Cycle | undefined;
};

/** Most choices that are named in words; a line has room for fewer. */
const mostNamed = 20;

/** Complete the line with the text that all choices share. */
export function complete({text, caret}: TypedLine, {from, choices}: Completion): Completed {
  const [first] = choices;
  if (first === undefined) {
    return {line: {text, caret}, offer: say`No name here begins with this.`, cycle: undefined};
  }

  const common = choices.reduce(commonStart);
  const front = text.slice(0, from);
  const rest = text.slice(caret);
  // If the choices share less than the typed letters, because those have another case, the typed letters stay.
  const agreed = common.length < caret - from ? text.slice(from, caret) : common;
  return {
    line: lineOf(front + agreed, rest),
    ...(choices.length === 1
      ? {offer: undefined, cycle: undefined}
      : {offer: named(choices, 0), cycle: {front, choices, rest, at: -1}}),
  };
}

/** Put the next or the previous choice into the line. */
export function turned(cycle: Cycle, by: 1 | -1): Completed {
  const {front, choices, rest} = cycle;
  const at = (Math.max(cycle.at, by === 1 ? -1 : 0) + by + choices.length) % choices.length;
  return {
    line: lineOf(front + (choices[at] ?? ''), rest),
    offer: named(choices, at),
    cycle: {...cycle, at},
  };
}

function lineOf(front: string, rest: string): TypedLine {
  return {text: front + rest, caret: front.length};
}

/** The choices, beginning with the one in the line. */
function named(choices: readonly string[], at: number): DisplayText {
  const shown = [...choices.slice(at, at + mostNamed), ...choices.slice(0, at)]
    .slice(0, mostNamed)
    .map(displayName);
  const more = choices.length - shown.length;
  return joinTexts([...shown, ...(more > 0 ? [say`and ${more} more`] : [])], say`  `);
}

function commonStart(one: string, other: string): string {
  let length = 0;
  while (length < one.length && one[length] === other[length]) {
    length++;
  }

  // Never keep half of a character.
  return one.slice(0, length).replace(/[\ud800-\udbff]$/, '');
}
