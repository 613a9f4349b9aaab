/** Sentences about the search of the help page, which both screens have. */
import {type DisplayText, displayName} from '../../../protocol/display-text.ts';
import type {HelpView} from '../model/help/help-page.ts';
import type {HelpEntry} from '../model/help/help-section.ts';
import type {PromptView} from '../model/typing/prompt.ts';
import {plural} from '../text/format.ts';
import {say} from '../text/say.ts';
import {keySentence} from './question-sentences.ts';
import {spokenKeyOf} from './spoken-keys.ts';

type Covers = {readonly help: HelpView | undefined; readonly prompt: PromptView | undefined};

/** The last sentence of a page with all keys. */
export function helpEnd(): DisplayText {
  return say`These are all keys. ${spokenKeyOf('filter')} searches them, Escape goes back.`;
}

/** While the user types: how many keys match. Afterwards: the keys that match. */
export function helpSearchSentences(
  before: Covers | undefined,
  {help, prompt}: Covers,
): DisplayText[] {
  if (help === undefined || before?.help === undefined) {
    return [];
  }

  const isNew = help.search !== before.help.search;
  if (prompt !== undefined) {
    return isNew ? [countSentence(help)] : [];
  }

  const wasTyped = before.prompt !== undefined;
  if (help.search === '') {
    return isNew || wasTyped ? [say`All keys are shown again.`] : [];
  }

  return isNew || wasTyped ? [countSentence(help), ...entriesOf(help).map(keySentence)] : [];
}

/** What the page shows, and how to go back. */
export function helpPlace({search}: HelpView): DisplayText {
  return search === ''
    ? say`The keys are shown. Escape closes them.`
    : say`The keys with '${displayName(search)}' are shown. Escape shows all.`;
}

function countSentence(help: HelpView): DisplayText {
  const {length} = entriesOf(help);
  const words = displayName(help.search);
  return help.search === ''
    ? say`All keys.`
    : length === 0
      ? say`No key has '${words}'.`
      : say`${plural(length, 'key')} with '${words}'.`;
}

function entriesOf({columns}: HelpView): HelpEntry[] {
  return columns
    .flat()
    .flatMap(line => (line.kind === 'entry' && line.entry !== undefined ? [line.entry] : []));
}
