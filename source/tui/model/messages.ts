/** The one line in which the interface says what it has done, until the next key. */
import type {DisplayText} from '../../../protocol/display-text.ts';
import type {Publisher} from './publisher.ts';

export type Message = {readonly text: DisplayText; readonly tone: 'plain' | 'bad'};

export class Messages {
  readonly #publisher: Publisher;
  #current: Message | undefined;

  constructor(publisher: Publisher) {
    this.#publisher = publisher;
  }

  get current(): Message | undefined {
    return this.#current;
  }

  say(text: DisplayText): void {
    this.#current = {text, tone: 'plain'};
    this.#publisher.now();
  }

  /** Something did not work. */
  complain(text: DisplayText): void {
    this.#current = {text, tone: 'bad'};
    this.#publisher.now();
  }

  clear(): void {
    if (this.#current !== undefined) {
      this.#current = undefined;
      this.#publisher.now();
    }
  }
}
