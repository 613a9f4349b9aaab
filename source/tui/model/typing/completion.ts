/** What Tab makes of a line that is typed. */
import {type DisplayText, displayName} from '../../../../protocol/display-text.ts';
import {joinTexts, say} from '../../text/say.ts';
import type {TypedLine} from './line.ts';

/** Texts that may stand in the place of what is typed from `from` up to the caret. */
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

/** Choices that are named in words; a line has room for fewer. */
const mostNamed = 20;

/** The line as far as all choices agree. */
export function complete({text, caret}: TypedLine, {from, choices}: Completion): Completed {
  const [first] = choices;
  if (first === undefined) {
    return {line: {text, caret}, offer: say`Nothing here begins so.`, cycle: undefined};
  }

  const common = choices.reduce(commonStart);
  const front = text.slice(0, from);
  const rest = text.slice(caret);
  // Where all agree in no more than in letters that were typed in another case, those stay.
  const agreed = common.length < caret - from ? text.slice(from, caret) : common;
  return {
    line: lineOf(front + agreed, rest),
    ...(choices.length === 1
      ? {offer: undefined, cycle: undefined}
      : {offer: named(choices, 0), cycle: {front, choices, rest, at: -1}}),
  };
}

/** The line with the next choice in it, or the one before. */
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

/** The choices, from the one in the line on. */
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

  // A character is taken whole.
  return one.slice(0, length).replace(/[\ud800-\udbff]$/, '');
}
