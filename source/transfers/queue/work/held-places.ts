/**
 * The places (absolute paths of final names) that one queue saves to. The database holds them against other processes.
 * Released places are written together, at the next write or after half a second, so that files that take only a moment
 * cost one write each.
 */
import {JangadaError, systemErrorCode} from '../../../../protocol/errors.ts';
import {isBusy, isSqliteError} from '../../../../protocol/program/sqlite.ts';
import {pause} from '../../../client/back-off.ts';
import type {Holder, Places} from '../../database/locks/places.ts';

/** How often to try again while another process holds a place or has locked the database. */
const againEveryMs = 100;

/**
 * A process releases its places a little later than it ends its files. A place that is held for longer than this is in
 * use.
 */
const patienceMs = 1500;

const releaseAfterMs = 500;

/** Where places are held against other processes. */
type PlaceStore = Pick<
  Places,
  'hold' | 'holders' | 'release' | 'fetchSmallFiles' | 'smallFilesHolder'
>;

export class HeldPlaces implements Disposable {
  readonly #store: PlaceStore | undefined;
  /** Places that files are being saved to. */
  readonly #held = new Set<string>();
  /** Places that this process still holds against others, though nothing here saves to them any more. */
  readonly #unused = new Set<string>();
  /** Number of groups of small files that are fetched into each target folder; 0: none any more. */
  readonly #smallFiles = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;

  /** @param store without it, places are only kept apart within this queue. */
  constructor(store: PlaceStore | undefined) {
    this.#store = store;
  }

  /**
   * Hold `places` for one transfer, as soon as no other process has locked the database.
   *
   * @returns a place that another process holds, and that process; undefined: all places are held.
   * @throws JangadaError `locked` if another transfer of this queue saves there; `aborted`.
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

  /** Record that small files are fetched into `folder`, until the result is disposed of. */
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

  /** Another process that fetches small files into a folder above `place`. */
  smallFilesHolder(place: string): Holder | undefined {
    return this.#store && read(this.#store, store => store.smallFilesHolder(place));
  }

  /** Another process that saves to `place`. */
  otherHolder(place: string): Holder | undefined {
    return this.#store && read(this.#store, store => store.holders([place]).get(place));
  }

  /** Release all unused places. If the database fails, they end with the process. */
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
   * Run `work` with the database when no other process has locked it; undefined without a database.
   *
   * @param unwritten runs instead if nothing can be written, because the disk of the database is full or this user may
   * not make locks. Downloads continue then, but other processes do not learn of them.
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

  /** The timer does not keep the process alive: the places of an ended process are free. */
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
      // The database is full, or another process has locked it.
      this.#releaseLater();
    }
  }
}

function nothing(): void {
  // Nothing can be read instead.
}

/** The result of `question`; undefined if the database cannot be read, as if there were none. */
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

/** @throws `error`, unless it comes from SQLite, or from the system for a lock. */
function mustBeOfDatabase(error: unknown): void {
  if (!isSqliteError(error) && systemErrorCode(error) === undefined) {
    throw error;
  }
}
