/**
 * The store's share of the threads that Node has for files. There are four, and a call that hangs
 * holds one for as long: so a few calls are made there at once, and the others wait here, where
 * they can still be sent elsewhere.
 */
import type {Pace} from './pace.ts';

/** Calls at once: one of Node's threads stays free for the rest of the process. */
const callsAtOnce = 3;

/** How often waiting calls are looked at, in milliseconds. */
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
   * Do `work`, which makes calls in Node's threads, when it is its turn; or `elsewhere` instead if
   * the disk is slow by then.
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
