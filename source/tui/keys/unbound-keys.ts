import {displayName} from '../../../protocol/display-text.ts';
import type {Messages} from '../model/messages.ts';
import type {Key} from '../terminal/key.ts';
import {say} from '../text/say.ts';
import {keyOf} from './keymap.ts';

/** More keys than a keyboard has. */
const mostTold = 200;

/** Says of a key without a meaning that it has none: once, because then it is known. */
export class UnboundKeys {
  readonly #messages: Pick<Messages, 'say'>;
  readonly #told = new Set<string>();

  constructor(messages: Pick<Messages, 'say'>) {
    this.#messages = messages;
  }

  tell({name}: Key): void {
    if (!this.#told.has(name) && this.#told.size < mostTold) {
      this.#told.add(name);
      this.#messages.say(
        say`${displayName(name)} does nothing here. Press ${keyOf('help')} for the keys.`,
      );
    }
  }
}
