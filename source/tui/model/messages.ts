/** The line for the outcome of the last action, shown until the next key. */
import type {DisplayText} from '../../../protocol/display-text.ts';
import type {Repainter} from './repainter.ts';

export type Message = {readonly text: DisplayText; readonly tone: 'plain' | 'bad'};

export class Messages {
  readonly #repainter: Repainter;
  #current: Message | undefined;

  constructor(repainter: Repainter) {
    this.#repainter = repainter;
  }

  get current(): Message | undefined {
    return this.#current;
  }

  say(text: DisplayText): void {
    this.#current = {text, tone: 'plain'};
    this.#repainter.now();
  }

  /** Say that something did not work. */
  complain(text: DisplayText): void {
    this.#current = {text, tone: 'bad'};
    this.#repainter.now();
  }

  clear(): void {
    if (this.#current !== undefined) {
      this.#current = undefined;
      this.#repainter.now();
    }
  }
}
