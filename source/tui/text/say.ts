/**
 * Sentences of our own with checked text in them. The screen shows `DisplayText` alone, and there
 * are two ways to make it: `displayName` for text from outside, `say` for words in this code.
 */
import type {DisplayText} from '../../../protocol/display-text.ts';

/** A template whose own words are taken as they are and whose values must have been checked. */
export function say(
  words: TemplateStringsArray,
  ...values: ReadonlyArray<DisplayText | number>
): DisplayText {
  // The words come from source code and the values are checked: nothing foreign is in here.
  return String.raw({raw: words}, ...values) as DisplayText;
}

/** `texts` with `between` between them. */
export function joinTexts(texts: readonly DisplayText[], between: DisplayText): DisplayText {
  return texts.join(between) as DisplayText; // Checked texts, put together, stay checked.
}

/** `text` with a full stop, unless it ends like a sentence as it is. */
export function sentence(text: DisplayText): DisplayText {
  return /[.!?\u2026]$/.test(text) ? text : say`${text}.`;
}
