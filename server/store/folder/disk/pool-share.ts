/**
 * The store's share of Node's thread pool. The pool has four threads, and a call that hangs keeps one busy. So only a few
 * calls run there at once, and the others wait here, from where they can still go to other threads.
 */
import type {Pace} from './pace.ts';

/** The most calls at once: one thread of the pool stays free for the rest of the process. */
const callsAtOnce = 3;

/** How often to check waiting calls, in milliseconds. */
const lookMs = 100;

type Turn = 'pool' | 'elsewhere';

export class PoolShare {
  readonly #pace: Pace;
  readonly #waiting = new Set<(turn: Turn) => void>();
  #running = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(pace: Pace) {
    this.#pace = pace;
  }

  /**
   * Do `work`, which makes calls in Node's thread pool, when its turn comes; or do `elsewhere` instead if the disk is slow
   * by then.
   */
  async run<Result>(
    work: () => Promise<Result>,
    elsewhere: () => Promise<Result>,
  ): Promise<Result> {
    if ((await this.#turn()) === 'elsewhere') {
      return elsewhere();
    }

    try {
      return await this.#pace.timedLater(work);
    } finally {
      this.#leave();
    }
  }

  #turn(): Turn | Promise<Turn> {
    if (this.#running < callsAtOnce) {
      this.#running++;
      return 'pool';
    }

    this.#timer ??= setInterval(() => this.#look(), lookMs);
    return new Promise(resolve => this.#waiting.add(resolve));
  }

  #leave(): void {
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#running--;
    } else {
      this.#end(next, 'pool');
    }
  }

  #look(): void {
    if (this.#pace.slow) {
      for (const resolve of this.#waiting) {
        this.#end(resolve, 'elsewhere');
      }
    }
  }

  #end(resolve: (turn: Turn) => void, turn: Turn): void {
    this.#waiting.delete(resolve);
    if (this.#waiting.size === 0) {
      clearInterval(this.#timer);
      this.#timer = undefined;
    }

    resolve(turn);
  }
}
