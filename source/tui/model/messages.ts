/**
 * The outcome of the last action in a sentence. It is shown beside the keys with its age, and removed after some
 * seconds, or with the first key after the user had time to read it.
 */
import type {DisplayText} from '../../../protocol/display-text.ts';
import type {Repainter} from './repainter.ts';

export type Message = {
  readonly text: DisplayText;
  readonly tone: 'plain' | 'bad';
  /** Whole seconds since the message appeared. */
  readonly ageSeconds: number;
};

const shownMs = {plain: 8000, bad: 15_000} as const;
/** A key within so long does not remove the message: it was pressed before the user could read it. */
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

  /** The message that is shown; the same object until its words or its age change. */
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

  /** Show that an action failed. */
  complain(text: DisplayText): void {
    this.#show(text, 'bad');
  }

  /** A key was pressed: remove a message that the user had time to read. */
  read(): void {
    if (this.#ageMs >= unreadMs) {
      this.close();
    }
  }

  /** Remove the message. */
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
    // The only timer: if nothing else changes, the age stays as it was painted.
    this.#end = setTimeout(() => this.close(), shownMs[tone]).unref();
    this.#repainter.now();
  }
}
