/** Keys of an open help page: they scroll, search and close it. */
import type {DisplayText} from '../../../../protocol/display-text.ts';
import type {HelpPage} from '../../model/help/help-page.ts';
import type {Prompt} from '../../model/typing/prompt.ts';
import type {Move} from '../../model/viewport.ts';
import type {Key} from '../../terminal/key.ts';
import {say} from '../../text/say.ts';
import {bindingOf, keyOf} from '../keymap.ts';

type HelpParts = {readonly help: HelpPage; readonly prompt: Prompt};

/** Actions whose keys close the page, as Enter does, so that the user need not look for the right one. */
const closing: ReadonlySet<string> = new Set(['back', 'help', 'quit']);

/**
 * @param move of the key, on the screen behind the page.
 * @returns whether the page uses the key.
 */
export function pressInHelp({help, prompt}: HelpParts, key: Key, move: Move | undefined): boolean {
  const action = bindingOf(key.name, 'files')?.action;
  if (move !== undefined) {
    help.scroll(move);
  } else if (action === 'filter') {
    typeSearch({help, prompt});
  } else if (action === 'back' && help.search !== '') {
    help.search = '';
  } else if (key.name === 'enter' || (action !== undefined && closing.has(action))) {
    help.close();
  } else {
    return false;
  }

  return true;
}

/** A sentence about the keys of the page. */
export function helpAdvice(): DisplayText {
  return say`${keyOf('filter')} searches, ${keyOf('back')} closes this.`;
}

function typeSearch({help, prompt}: HelpParts): void {
  prompt.open({
    label: say`Search the keys:`,
    hint: say`words, or a key. Enter keeps it, Esc shows all`,
    text: help.search,
    onChange(text) {
      help.search = text;
    },
    onEnter(text) {
      help.search = text;
    },
    onEscape() {
      help.search = '';
    },
  });
}
