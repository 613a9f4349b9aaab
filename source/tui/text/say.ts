/**
 * Sentences of our own that contain checked text. The screen shows only `DisplayText`, and there are two ways to make
 * it: `displayName` for text from outside, `say` for words of this code.
 */
import type {DisplayText} from '../../../protocol/display-text.ts';

/** A template whose own words come from the code, and whose values must be checked text. */
export function say(
  words: TemplateStringsArray,
  ...values: ReadonlyArray<DisplayText | number>
): DisplayText {
  // The words come from source code and the values are checked.
  return String.raw({raw: words}, ...values) as DisplayText;
}

/** `texts` with `between` between them. */
export function joinTexts(texts: readonly DisplayText[], between: DisplayText): DisplayText {
  return texts.join(between) as DisplayText; // Checked texts, put together, stay checked.
}

/** `text` with a full stop, unless it ends like a sentence already. */
export function sentence(text: DisplayText): DisplayText {
  return /[.!?\u2026]$/.test(text) ? text : say`${text}.`;
}
