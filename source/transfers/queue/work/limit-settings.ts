/**
 * The limits that hold in this process: those that it was started with, or else the stored ones;
 * from then on the last that were set, here or in another client.
 */
import type {StoredLimits} from '../../database/stored-limits.ts';
import {checkLimits, defaultLimits, type Limits, limitNames} from '../../terms/limits.ts';

/** How soon limits that could not be stored are tried again. */
const againEveryMs = 250;

export class LimitSettings {
  readonly #stored: StoredLimits | undefined;
  #current: Limits;
  readonly #listeners = new Set<() => void>();
  // The last change in the database that was taken over.
  #seq = 0;
  #unsaved: Partial<Limits> = {};
  #timer: NodeJS.Timeout | undefined;

  /** @param asked limits of the command line; a stored one replaces them only if it is set later. */
  constructor(asked: Partial<Limits> = {}, stored?: StoredLimits) {
    checkLimits(asked);
    this.#stored = stored;
    this.#current = {...defaultLimits, ...this.#news(), ...asked};
  }

  get current(): Limits {
    return this.#current;
  }

  /** Calls `listener` at every change, here or in another process. @returns a function that ends it. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Set them, here and for all who share the database. @throws JangadaError `usage`. */
  change(limits: Limits): void {
    checkLimits(limits);
    const before = this.#current;
    const names = limitNames.filter(name => limits[name] !== before[name]);
    this.#current = limits;
    // Only changed ones: the others may come from the command line of this process alone.
    Object.assign(this.#unsaved, Object.fromEntries(names.map(name => [name, limits[name]])));
    this.flush();
    this.#tell();
  }

  /** Store limits that could not be stored: the database was full, or held by another process. */
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
      // They count here all the same, and are stored when that is possible.
      this.#timer = setTimeout(() => this.flush(), againEveryMs).unref();
    }
  }

  /** Take over limits that others have stored since. @returns whether any has changed. */
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
      // The database cannot be read now: the next look reads them.
      return {};
    }
  }
}

/** The limits that the options of a queue ask for. */
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
