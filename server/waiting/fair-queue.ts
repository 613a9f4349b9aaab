/**
 * Turns for long work, with a limit in all and a limit for each key (a client's address). Waiting keys get turns one
 * after the other.
 */
import {aborted} from '../../protocol/errors.ts';

type FairQueueLimits = {total: number; perKey: number};

type Waiting = {key: string; start(): void};

export class FairQueue {
  readonly #limits: FairQueueLimits;
  readonly #running = new Map<string, number>();
  // In the order of arrival; the key with the fewest running turns is served first.
  readonly #waiting = new Set<Waiting>();
  #total = 0;

  constructor(limits: FairQueueLimits) {
    this.#limits = limits;
  }

  /**
   * Wait for a turn. Call the returned function to end it.
   *
   * @throws JangadaError `aborted` if `signal` is aborted first.
   */
  async enter(key: string, signal: AbortSignal): Promise<() => void> {
    if (this.#mayStart(key)) {
      this.#count(key, 1);
    } else {
      await this.#wait(key, signal);
    }

    let left = false;
    return () => {
      if (!left) {
        left = true;
        this.#count(key, -1);
        this.#startNext();
      }
    };
  }

  #wait(key: string, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const stop = () => {
        this.#waiting.delete(waiting);
        reject(aborted('The client has left'));
      };
      const waiting = {
        key,
        start: () => {
          signal.removeEventListener('abort', stop);
          resolve();
        },
      };
      this.#waiting.add(waiting);
      signal.addEventListener('abort', stop, {once: true});
      if (signal.aborted) {
        stop();
      }
    });
  }

  #startNext(): void {
    let next: Waiting | undefined;
    for (const waiting of this.#waiting) {
      const fewer = next === undefined || this.#of(waiting.key) < this.#of(next.key);
      if (fewer && this.#mayStart(waiting.key)) {
        next = waiting;
      }
    }

    if (next !== undefined) {
      this.#waiting.delete(next);
      // Count it now: the waiter goes on later, and nobody else may take its turn meanwhile.
      this.#count(next.key, 1);
      next.start();
    }
  }

  #mayStart(key: string): boolean {
    return this.#total < this.#limits.total && this.#of(key) < this.#limits.perKey;
  }

  #of(key: string): number {
    return this.#running.get(key) ?? 0;
  }

  #count(key: string, change: 1 | -1): void {
    const count = this.#of(key) + change;
    this.#total += change;
    if (count === 0) {
      this.#running.delete(key);
    } else {
      this.#running.set(key, count);
    }
  }
}
