/** Reports changes in a queue a few times a second at most, however many there are. */
import type {Queue} from '../../transfers/queue/queue.ts';

const everyMs = 100;

export class QueueUpdates implements Disposable {
  readonly #queue: Queue;
  readonly #update: (changed: ReadonlySet<number>) => void;
  readonly #unsubscribe: () => void;
  #changed = new Set<number>();
  #timer: NodeJS.Timeout | undefined;

  /** @param update is called soon after a change, with the ids of the changed transfers. */
  constructor(queue: Queue, update: (changed: ReadonlySet<number>) => void) {
    this.#queue = queue;
    this.#update = update;
    this.#unsubscribe = queue.subscribe(changed => {
      for (const id of changed) {
        this.#changed.add(id);
      }

      this.#timer ??= setTimeout(() => this.now(), everyMs);
    });
  }

  /** Report all changes up to this moment. */
  now(): void {
    this.#queue.flush();
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const changed = this.#changed;
    this.#changed = new Set();
    this.#update(changed);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#unsubscribe();
  }
}
