/**
 * The outcome of the last action in a sentence. It stands beside the keys, tells its age, and is gone
 * after some seconds, or with the first key that is pressed once it could be read.
 */
import type {DisplayText} from '../../../protocol/display-text.ts';
import type {Repainter} from './repainter.ts';

export type Message = {
  readonly text: DisplayText;
  readonly tone: 'plain' | 'bad';
  /** Whole seconds since it was said. */
  readonly ageSeconds: number;
};

const shownMs = {plain: 8000, bad: 15_000} as const;
/** So long a key does not take a message away: it was pressed before that was read. */
const unreadMs = 3000;

export class Messages {
  readonly #repainter: Repainter;
  readonly #nowMs: () => number;
  #saidAtMs = 0;
  #current: Message | undefined;
  #end: NodeJS.Timeout | undefined;

  constructor(repainter: Repainter, nowMs: () => number = () => performance.now()) {
    this.#repainter = repainter;
    this.#nowMs = nowMs;
  }

  /** The message that is shown; the same object as long as its words and its age are. */
  get current(): Message | undefined {
    const ageSeconds = Math.floor(this.#ageMs / 1000);
    if (this.#current !== undefined && this.#current.ageSeconds !== ageSeconds) {
      this.#current = {...this.#current, ageSeconds};
    }

    return this.#current;
  }

  say(text: DisplayText): void {
    this.#show(text, 'plain');
  }

  /** Say that something did not work. */
  complain(text: DisplayText): void {
    this.#show(text, 'bad');
  }

  /** A key was pressed: a message that could be read by then has done its work. */
  read(): void {
    if (this.#ageMs >= unreadMs) {
      this.close();
    }
  }

  /** Take the message away. */
  close(): void {
    clearTimeout(this.#end);
    if (this.#current !== undefined) {
      this.#current = undefined;
      this.#repainter.now();
    }
  }

  get #ageMs(): number {
    return this.#nowMs() - this.#saidAtMs;
  }

  #show(text: DisplayText, tone: Message['tone']): void {
    clearTimeout(this.#end);
    this.#current = {text, tone, ageSeconds: 0};
    this.#saidAtMs = this.#nowMs();
    // The only timer: as long as nothing else changes, the age stays as it was painted.
    this.#end = setTimeout(() => this.close(), shownMs[tone]);
    this.#repainter.now();
  }
}
