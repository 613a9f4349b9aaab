/** What Tab makes of a line that is typed. */
import {type DisplayText, displayName} from '../../../../protocol/display-text.ts';
import {joinTexts, say} from '../../text/say.ts';
import type {TypedLine} from './line.ts';

/** Texts that may stand in the place of what is typed from `from` up to the caret. */
export type Completion = {readonly from: number; readonly choices: readonly string[]};

/** Choices that are named in words; a line has room for fewer. */
const mostNamed = 20;

/** The line as far as all choices agree, and the choices in words, if there are several or none. */
export function complete(
  {text, caret}: TypedLine,
  {from, choices}: Completion,
): {line: TypedLine; offer: DisplayText | undefined} {
  const [first] = choices;
  if (first === undefined) {
    return {line: {text, caret}, offer: say`Nothing here begins so.`};
  }

  const common = choices.reduce(commonStart);
  const front = text.slice(0, from) + common;
  const line = {text: front + text.slice(caret), caret: front.length};
  return {line, offer: choices.length === 1 ? undefined : named(choices)};
}

function named(choices: readonly string[]): DisplayText {
  const shown = choices.slice(0, mostNamed).map(displayName);
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
