/**
 * The limits of this process: at first those of the command line, or the stored ones; later the last that were set,
 * here or in another client.
 */
import type {StoredLimits} from '../../database/stored-limits.ts';
import {checkLimits, defaultLimits, type Limits, limitNames} from '../../terms/limits.ts';

/** How soon to try again to store limits, in milliseconds. */
const againEveryMs = 250;

export class LimitSettings {
  readonly #stored: StoredLimits | undefined;
  #current: Limits;
  readonly #listeners = new Set<() => void>();
  // The number of the last change that was read from the database.
  #seq = 0;
  #unsaved: Partial<Limits> = {};
  #timer: NodeJS.Timeout | undefined;

  /** @param asked limits of the command line. A stored limit replaces them only if it is set later. */
  constructor(asked: Partial<Limits> = {}, stored?: StoredLimits) {
    checkLimits(asked);
    this.#stored = stored;
    this.#current = {...defaultLimits, ...this.#news(), ...asked};
  }

  get current(): Limits {
    return this.#current;
  }

  /** Calls `listener` at every change, here or in another process. @returns a function that removes the listener. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Set the limits, here and for all processes that share the database. @throws JangadaError `usage`. */
  change(limits: Limits): void {
    checkLimits(limits);
    const before = this.#current;
    const names = limitNames.filter(name => limits[name] !== before[name]);
    this.#current = limits;
    // Store only the changed limits: the others may come from the command line of this process alone.
    Object.assign(this.#unsaved, Object.fromEntries(names.map(name => [name, limits[name]])));
    this.flush();
    this.#tell();
  }

  /** Store limits that could not be stored because the database was full or locked by another process. */
  flush(): void {
    clearTimeout(this.#timer);
    const names = Object.keys(this.#unsaved);
    if (names.length === 0) {
      return;
    }

    try {
      this.#stored?.save(this.#unsaved);
      this.#unsaved = {};
    } catch {
      // They already apply here, and are stored when that is possible.
      this.#timer = setTimeout(() => this.flush(), againEveryMs).unref();
    }
  }

  /** Take over limits that other processes have stored. @returns whether any has changed. */
  look(): boolean {
    const before = this.#current;
    const after = {...before, ...this.#news(), ...this.#unsaved};
    const differs = limitNames.some(name => after[name] !== before[name]);
    if (differs) {
      this.#current = after;
      this.#tell();
    }

    return differs;
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) {
      listener();
    }
  }

  #news(): Partial<Limits> {
    try {
      const {limits, seq} = this.#stored?.read(this.#seq) ?? {limits: {}, seq: 0};
      this.#seq = seq;
      return limits;
    } catch {
      // The database cannot be read now; the next call reads the limits.
      return {};
    }
  }
}

/** The limits that the options of a queue set. */
export function askedOf({
  connections,
  files = connections,
  client: {bytesPerSecond},
}: {
  connections?: number | undefined;
  files?: number | undefined;
  client: {bytesPerSecond: number | undefined};
}): Partial<Limits> {
  return {
    ...(connections === undefined ? {} : {connectionsPerFile: connections}),
    ...(files === undefined ? {} : {files}),
    ...(bytesPerSecond === undefined ? {} : {bytesPerSecond}),
  };
}
