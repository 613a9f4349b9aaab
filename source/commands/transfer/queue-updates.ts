/** Tells of what happens in a queue a few times a second at most, however much it is. */
import type {Queue} from '../../transfers/queue/queue.ts';

const everyMs = 100;

export class QueueUpdates implements Disposable {
  readonly #update: () => void;
  readonly #unsubscribe: () => void;
  #timer: NodeJS.Timeout | undefined;

  /** @param update is called soon after something has changed. */
  constructor(queue: Queue, update: () => void) {
    this.#update = update;
    this.#unsubscribe = queue.subscribe(() => {
      this.#timer ??= setTimeout(() => this.now(), everyMs);
    });
  }

  /** Call it now, in place of soon. */
  now(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#update();
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#unsubscribe();
  }
}
