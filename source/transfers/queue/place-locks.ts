/**
 * The places (final names) that one queue has for itself, so that no two clients write one partial.
 * Those of what begins next are locked along with what begins now, and what has ended is unlocked
 * together: files that take a moment each would have the database written to for every one.
 *
 *     free ─► ahead ─► held ─► unused ─► free
 */
import {setTimeout as delay} from 'node:timers/promises';
import {JangadaError} from '../../../protocol/errors.ts';
import {isBusy, isFull} from '../database/queue-database.ts';
import type {Holder, QueueStore} from '../database/queue-store.ts';
import {aheadMs, LookAhead} from './look-ahead.ts';

/** Where places are locked against other clients. */
export type LockStore = Pick<QueueStore, 'lock' | 'unlock'>;

/** How often a database that another client holds is asked again. */
const busyEveryMs = 200;

export class PlaceLocks {
  readonly #store: LockStore | undefined;
  readonly #next: (count: number) => readonly string[];
  readonly #lookAhead = new LookAhead();
  /** Being saved to. */
  readonly #held = new Set<string>();
  /** Locked already, for what begins within moments. */
  readonly #ahead = new Set<string>();
  /** Locked still, though what saved to them has ended. */
  readonly #unused = new Set<string>();
  #timer: NodeJS.Timeout | undefined;

  /**
   * @param store Without one, places are kept apart within this queue alone.
   * @param next Places of so many transfers that are likely to begin next.
   */
  constructor(store: LockStore | undefined, next: (count: number) => readonly string[]) {
    this.#store = store;
    this.#next = next;
  }

  /** Whether something here saves to `place`. */
  isHeld(place: string): boolean {
    return this.#held.has(place);
  }

  /**
   * Hold places that nothing here holds, as soon as no other client holds the database.
   *
   * @returns those that other clients have, with who it is: these are not held.
   * @throws JangadaError `no_space`, `local_io`, `aborted`. None of them is held then.
   */
  async hold(places: readonly string[], signal: AbortSignal): Promise<Map<string, Holder>> {
    for (const place of places) {
      this.#unused.delete(place);
      this.#held.add(place);
    }

    try {
      const missing = places.filter(place => !this.#ahead.delete(place));
      const others = missing.length === 0 ? new Map() : await this.#lock(missing, signal);
      for (const place of others.keys()) {
        this.#held.delete(place);
      }

      return others;
    } catch (error) {
      // Some may have been locked ahead.
      this.release(places);
      throw error;
    }
  }

  /** Nothing saves to `places` any more. */
  release(places: readonly string[]): void {
    for (const place of places) {
      this.#held.delete(place);
    }

    if (this.#store !== undefined) {
      for (const place of places) {
        this.#unused.add(place);
      }

      if (this.#held.size + this.#ahead.size === 0) {
        this.unlockUnused();
      } else {
        this.#unlockLater();
      }
    }
  }

  /**
   * Unlock what nothing saves to: what has ended, and what was to begin next.
   *
   * @returns false if the database is full or busy: it is asked again, until `stop`.
   */
  unlockUnused(): boolean {
    this.#stopTimer();
    for (const place of this.#ahead) {
      this.#unused.add(place);
    }

    this.#ahead.clear();
    if (this.#unused.size > 0) {
      try {
        this.#store?.unlock([...this.#unused]);
        this.#unused.clear();
      } catch {
        this.#unlockLater();
        return false;
      }
    }

    return true;
  }

  /** Unlock what can be unlocked; the rest goes with the process. */
  stop(): void {
    this.unlockUnused();
    this.#stopTimer();
  }

  /** @returns those that others have. */
  async #lock(places: readonly string[], signal: AbortSignal): Promise<Map<string, Holder>> {
    const store = this.#store;
    if (store === undefined) {
      return new Map();
    }

    const count = this.#lookAhead.beyond(places.length);
    for (;;) {
      try {
        // Each time anew: meanwhile some of these may have begun.
        const next = new Set(this.#next(count));
        const ahead = [...next].filter(place => this.#isFree(place));
        const others = store.lock([...places, ...ahead], [...this.#unused]);
        this.#unused.clear();
        this.#stopTimer();
        for (const place of ahead) {
          if (!others.delete(place)) {
            this.#ahead.add(place);
          }
        }

        if (this.#ahead.size > 0) {
          this.#unlockLater();
        }

        return others;
      } catch (error) {
        if (!isBusy(error)) {
          throw databaseError(error);
        }
      }

      await delay(busyEveryMs, undefined, {signal}).catch(() => {
        throw new JangadaError('aborted', 'Stopped on request');
      });
    }
  }

  #isFree(place: string): boolean {
    return !(this.#held.has(place) || this.#ahead.has(place) || this.#unused.has(place));
  }

  /** It keeps no process alive: what is locked by one that ends is free. */
  #unlockLater(): void {
    this.#timer ??= setTimeout(() => this.unlockUnused(), aheadMs).unref();
  }

  #stopTimer(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}

function databaseError(cause: unknown): unknown {
  if (!(cause instanceof Error && 'errcode' in cause)) {
    return cause;
  }

  return isFull(cause)
    ? new JangadaError('no_space', 'The disk of the queue is full', {cause})
    : new JangadaError('local_io', `The queue cannot be used: ${cause.message}. Try again`, {
        cause,
      });
}
