import {displayName} from '../../../protocol/display-text.ts';
import type {Messages} from '../model/messages.ts';
import type {Key} from '../terminal/key.ts';
import {say} from '../text/say.ts';
import {keyOf} from './keymap.ts';

/** Sentences about the keys of a question, and of a typed line. */
export const adviceFor = {
  question: say`Enter chooses, Esc goes back.`,
  line: say`Enter or Esc ends the line.`,
} as const;

/** Most keys that are remembered: more than a keyboard has. */
const mostTold = 200;

/** Tells the user that a key has no meaning: once in each place. */
export class UnboundKeys {
  readonly #messages: Pick<Messages, 'say'>;
  readonly #told = new Set<string>();

  constructor(messages: Pick<Messages, 'say'>) {
    this.#messages = messages;
  }

  /** @param advice a sentence about keys that do something. Default: it names the key of the help. */
  tell({name}: Key, advice = say`Press ${keyOf('help')} for the keys.`): void {
    const told = `${name} ${advice}`;
    if (!this.#told.has(told) && this.#told.size < mostTold) {
      this.#told.add(told);
      this.#messages.say(say`${displayName(name)} does nothing here. ${advice}`);
    }
  }
}
