/**
 * Whether this server can serve, for balancers that ask. However many ask, each process looks at the folder once at a time, and
 * about once a second; a look that does not come back is not waited for, and no other one is begun beside it.
 */
import type {ReadinessState} from '../protocol/readiness.ts';
import {rootPath} from '../protocol/remote-path.ts';
import type {Store} from './store/store.ts';

type Look = {beganAt: number; outcome: Promise<ReadinessState>};

export class Readiness {
  readonly #store: Pick<Store, 'stat' | 'reach'>;
  readonly #lookMs: number;
  #draining = false;
  #look: Look | undefined;
  /** The latest finding, and when it was made. */
  #found: {state: ReadinessState; at: number} | undefined;

  /** @param lookMs for one look at the folder; what it found counts as long. */
  constructor(store: Pick<Store, 'stat' | 'reach'>, lookMs: number) {
    this.#store = store;
    this.#lookMs = lookMs;
  }

  /** From now on balancers are told to send clients elsewhere. */
  drain(): void {
    this.#draining = true;
  }

  async state(): Promise<ReadinessState> {
    const found = this.#found;
    const isFresh = found !== undefined && performance.now() - found.at < this.#lookMs;
    const state = isFresh ? found.state : await this.#inTime();
    return this.#draining ? 'draining' : state;
  }

  /** What a look finds, this one or one that others wait for; `unreadable` when that takes too long. */
  async #inTime(): Promise<ReadinessState> {
    this.#look ??= this.#begin();
    const {beganAt, outcome} = this.#look;
    // A look that hangs has had its time.
    const leftMs = Math.max(1, beganAt + this.#lookMs - performance.now());
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<ReadinessState>(resolve => {
      timer = setTimeout(resolve, leftMs, 'unreadable');
    });
    try {
      return await Promise.race([outcome, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  #begin(): Look {
    return {beganAt: performance.now(), outcome: this.#stat()};
  }

  async #stat(): Promise<ReadinessState> {
    const state = await this.#reached();
    this.#look = undefined;
    this.#found = {state, at: performance.now()};
    return state;
  }

  async #reached(): Promise<ReadinessState> {
    try {
      await (this.#store.reach?.() ?? this.#store.stat(rootPath));
      return 'ready';
    } catch {
      // Whatever the reason: clients would meet it, too, and the log then has it.
      return 'unreadable';
    }
  }
}
