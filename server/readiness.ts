/**
 * Tells balancers whether this server can serve. However many balancers ask, each process checks the folder about once
 * a second, with one check at a time. An answer does not wait for a check that hangs.
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
  /** The latest result, and its time. */
  #found: {state: ReadinessState; at: number} | undefined;

  /** @param lookMs how long one check of the folder may take, and how long its result is valid. */
  constructor(store: Pick<Store, 'stat' | 'reach'>, lookMs: number) {
    this.#store = store;
    this.#lookMs = lookMs;
  }

  /** From now on, tell balancers to send clients elsewhere. */
  drain(): void {
    this.#draining = true;
  }

  async state(): Promise<ReadinessState> {
    const found = this.#found;
    const isFresh = found !== undefined && performance.now() - found.at < this.#lookMs;
    const state = isFresh ? found.state : await this.#inTime();
    return this.#draining ? 'draining' : state;
  }

  /** The result of a new check, or of the running one; `unreadable` if it takes too long. */
  async #inTime(): Promise<ReadinessState> {
    this.#look ??= this.#begin();
    const {beganAt, outcome} = this.#look;
    // A check that began earlier has already used a part of its time.
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
      // Clients would get the same error, and the log then shows it.
      return 'unreadable';
    }
  }
}
