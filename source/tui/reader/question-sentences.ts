/** Sentences about whatever takes the keys before the panes: a question, a typed line, the help page. */
import {type DisplayText, displayName} from '../../../protocol/display-text.ts';
import type {DialogView} from '../model/dialogs.ts';
import type {Message} from '../model/messages.ts';
import {firstCluster} from '../model/typing/line.ts';
import type {PromptView} from '../model/typing/prompt.ts';
import {joinTexts, say, sentence} from '../text/say.ts';
import {spokenKey} from './spoken-keys.ts';

/** A question with its answers, or the answer that the cursor has moved to. */
export function dialogSentences(before: DialogView | undefined, now: DialogView): DisplayText[] {
  if (before?.title !== now.title || before.choices !== now.choices) {
    return [
      sentence(now.title),
      ...now.body.map(text => sentence(inOneLine(text))),
      ...now.choices.map(choiceSentence),
      ...(now.forAll === undefined ? [] : [say`a: ${now.forAll}.`]),
      ...answerSentences(now),
    ];
  }

  if (before.all !== now.all) {
    const state = now.all ? say`yes` : say`no`;
    return [say`${now.forAll ?? say`For all`}: ${state}.`];
  }

  const choice = now.choices[now.cursor];
  return before.cursor === now.cursor || choice === undefined ? [] : [choiceSentence(choice)];
}

/** The question again, without all of its answers. */
export function dialogPlace(now: DialogView): DisplayText[] {
  return [sentence(now.title), ...answerSentences(now)];
}

function answerSentences({choices, cursor, forAll}: DialogView): DisplayText[] {
  const keys = joinTexts(
    [...choices.map(({key}) => displayName(key)), ...(forAll === undefined ? [] : [say`a`])],
    say`, `,
  );
  const label = choices[cursor]?.label;
  const enter = label === undefined ? say`` : say` Enter takes ${label}.`;
  return [say`Answer with one of the keys ${keys}.${enter} Escape goes back.`];
}

/** Without the spaces that align columns. */
function inOneLine(text: DisplayText): DisplayText {
  return text.replaceAll(/ {2,}/g, ' ') as DisplayText; // A checked text with fewer spaces.
}

function choiceSentence({key, label, detail}: DialogView['choices'][number]): DisplayText {
  const words = detail === '' ? label : say`${label}, ${detail}`;
  return sentence(say`${displayName(key)}: ${words}`);
}

/** The present line, and new words about it. */
export function promptSentences(before: PromptView | undefined, now: PromptView): DisplayText[] {
  const {label, text, caret, hint, complaint} = now;
  const name = label === ':' ? say`Command:` : label;
  if (complaint !== undefined && complaint !== before?.complaint) {
    return [sentence(complaint)];
  }

  const words = before?.hint === hint ? [] : [sentence(hint)];
  if (before === undefined || before.label !== label) {
    return [say`${name} ${displayName(text)}`, ...words];
  }

  if (before.text !== text) {
    return [say`${name} ${text === '' ? say`empty` : displayName(text)}`, ...words];
  }

  return before.caret === caret ? words : [caretSentence(now)];
}

/** The character that the caret has moved to. */
function caretSentence({text, caret}: PromptView): DisplayText {
  const under = firstCluster(text.slice(caret));
  return under === ''
    ? say`At the end.`
    : say`At ${under === ' ' ? say`a space` : displayName(under)}.`;
}

/** `now`, unless it was the last message when `before` was told. */
export function messageSentences(
  before: Message | undefined,
  now: Message | undefined,
): DisplayText[] {
  // A message that is shown again has a smaller age.
  const isNew = now?.text !== before?.text || (now?.ageSeconds ?? 0) <= (before?.ageSeconds ?? 0);
  return now !== undefined && now !== before && isNew ? [sentence(now.text)] : [];
}

type Keys = {readonly keys: readonly string[]; readonly text: DisplayText};

/** `Space, Insert: mark or unmark.` */
export function keySentence({keys, text}: Keys): DisplayText {
  const names = keys.map(spokenKey);
  return say`${names.length === 0 ? say`No key` : joinTexts(names, say`, `)}: ${text}.`;
}
