/**
 * The places (absolute paths of final names) that one queue saves to. Against other processes they
 * are held in the database; a place that is free again is let go of together with others, at the next
 * write or half a second later, so that files that take a moment each cost one write each.
 */
import {JangadaError, systemErrorCode} from '../../../../protocol/errors.ts';
import {isBusy, isSqliteError} from '../../../../protocol/program/sqlite.ts';
import {pause} from '../../../client/back-off.ts';
import type {Holder, Places} from '../../database/locks/places.ts';

/** How often a place, or a database, that another process holds is asked for again. */
const againEveryMs = 100;

/** A place that another process still holds after so long is in use there: it lets go later than it ends. */
const patienceMs = 1500;

const releaseAfterMs = 500;

/** Where places are held against other processes. */
type PlaceStore = Pick<
  Places,
  'hold' | 'holders' | 'release' | 'fetchSmallFiles' | 'smallFilesHolder'
>;

export class HeldPlaces implements Disposable {
  readonly #store: PlaceStore | undefined;
  /** Saved to at the moment. */
  readonly #held = new Set<string>();
  /** Held against other processes still, though nothing here saves to them any more. */
  readonly #unused = new Set<string>();
  /** How many groups of small files are fetched into a target folder; 0: none any more. */
  readonly #smallFiles = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;

  /** @param store Without one, places are kept apart within this queue alone. */
  constructor(store: PlaceStore | undefined) {
    this.#store = store;
  }

  /**
   * Hold `places` for one transfer, as soon as no other process holds the database.
   *
   * @returns the process that has one of them, and which; undefined: all are held.
   * @throws JangadaError `locked` if another transfer here saves there; `aborted`.
   */
  async hold(
    places: readonly string[],
    signal: AbortSignal,
  ): Promise<{place: string; holder: Holder} | undefined> {
    const inUse = places.find(place => this.#held.has(place));
    if (inUse !== undefined) {
      throw new JangadaError(
        'locked',
        `Another transfer here saves to ${inUse}: try again when it has ended`,
      );
    }

    for (const place of places) {
      this.#unused.delete(place);
      this.#held.add(place);
    }

    try {
      const refused = await this.#holdInStore(places, signal);
      if (refused !== undefined) {
        this.release(places);
      }

      return refused;
    } catch (error) {
      this.release(places);
      throw error;
    }
  }

  /** Nothing here saves to `places` any more. */
  release(places: readonly string[]): void {
    for (const place of places) {
      this.#held.delete(place);
      if (this.#store !== undefined) {
        this.#unused.add(place);
      }
    }

    this.#releaseLater();
  }

  /** Say that small files are fetched into `folder`, until that is disposed of. */
  async fetchSmallFiles(folder: string, signal: AbortSignal): Promise<Disposable> {
    const count = this.#smallFiles.get(folder);
    if (count === undefined) {
      await this.#whenFree(signal, store => store.fetchSmallFiles(folder, true), nothing);
    }

    this.#smallFiles.set(folder, (this.#smallFiles.get(folder) ?? 0) + 1);
    return {
      [Symbol.dispose]: () => {
        this.#smallFiles.set(folder, (this.#smallFiles.get(folder) ?? 1) - 1);
        this.#releaseLater();
      },
    };
  }

  /** Another process that fetches small files to where `place` is. */
  smallFilesHolder(place: string): Holder | undefined {
    return this.#store && read(this.#store, store => store.smallFilesHolder(place));
  }

  /** Let go of all places that nothing saves to; where the database fails, they end with the process. */
  [Symbol.dispose](): void {
    this.#releaseUnused();
    clearTimeout(this.#timer);
  }

  async #holdInStore(
    places: readonly string[],
    signal: AbortSignal,
  ): Promise<{place: string; holder: Holder} | undefined> {
    const untilMs = performance.now() + patienceMs;
    for (;;) {
      const others = await this.#whenFree(
        signal,
        store => {
          const released = [...this.#unused];
          const held = store.hold(places, released);
          this.#forgetUnused(released);
          return held;
        },
        store => store.holders(places),
      );
      const [first] = others ?? [];
      if (first === undefined) {
        return undefined;
      }

      if (performance.now() > untilMs) {
        const [place, holder] = first;
        return {place, holder};
      }

      await pause(againEveryMs, signal);
    }
  }

  /**
   * Do `work` with the database when no other process holds it; undefined without a database.
   *
   * @param unwritten in its place where nothing can be written: the disk of the database is full, or
   * this user may make no lock. That costs no download, though other processes hear nothing of it.
   */
  async #whenFree<Result>(
    signal: AbortSignal,
    work: (store: PlaceStore) => Result,
    unwritten: (store: PlaceStore) => Result,
  ): Promise<Result | undefined> {
    while (this.#store !== undefined) {
      try {
        return work(this.#store);
      } catch (error) {
        if (!isBusy(error)) {
          mustBeOfDatabase(error);
          return read(this.#store, unwritten);
        }
      }

      await pause(againEveryMs, signal);
    }

    return undefined;
  }

  #forgetUnused(places: readonly string[]): void {
    for (const place of places) {
      this.#unused.delete(place);
    }
  }

  /** It keeps no process alive: a place of a process that has ended is free. */
  #releaseLater(): void {
    if (this.#store !== undefined) {
      this.#timer ??= setTimeout(() => this.#releaseUnused(), releaseAfterMs).unref();
    }
  }

  #releaseUnused(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    try {
      const places = [...this.#unused];
      if (places.length > 0) {
        this.#store?.release(places);
        this.#forgetUnused(places);
      }

      for (const [folder, count] of this.#smallFiles) {
        if (count === 0) {
          this.#store?.fetchSmallFiles(folder, false);
          this.#smallFiles.delete(folder);
        }
      }
    } catch {
      // The database is full, or another process holds it.
      this.#releaseLater();
    }
  }
}

function nothing(): void {
  // There is nothing that could be read instead.
}

/** Undefined where the database cannot even be read: it is as if there were none. */
function read<Result>(
  store: PlaceStore,
  question: (store: PlaceStore) => Result,
): Result | undefined {
  try {
    return question(store);
  } catch (error) {
    mustBeOfDatabase(error);
    return undefined;
  }
}

/** @throws `error` unless SQLite, or the system for a lock, has thrown it. */
function mustBeOfDatabase(error: unknown): void {
  if (!isSqliteError(error) && systemErrorCode(error) === undefined) {
    throw error;
  }
}
