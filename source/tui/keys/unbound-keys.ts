import {displayName} from '../../../protocol/display-text.ts';
import type {Messages} from '../model/messages.ts';
import type {Key} from '../terminal/key.ts';
import {say} from '../text/say.ts';
import {keyOf} from './keymap.ts';

/** Sentences about the keys of a question, and of a line that is typed. */
export const adviceFor = {
  question: say`Enter chooses, Esc goes back.`,
  line: say`Enter or Esc ends the line.`,
} as const;

/** More keys than a keyboard has. */
const mostTold = 200;

/** Says of a key without a meaning that it has none: once in each place, because then it is known. */
export class UnboundKeys {
  readonly #messages: Pick<Messages, 'say'>;
  readonly #told = new Set<string>();

  constructor(messages: Pick<Messages, 'say'>) {
    this.#messages = messages;
  }

  /** @param advice a sentence about keys that do something. Default: that help has them. */
  tell({name}: Key, advice = say`Press ${keyOf('help')} for the keys.`): void {
    const told = `${name} ${advice}`;
    if (!this.#told.has(told) && this.#told.size < mostTold) {
      this.#told.add(told);
      this.#messages.say(say`${displayName(name)} does nothing here. ${advice}`);
    }
  }
}
