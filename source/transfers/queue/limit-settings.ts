/**
 * The limits that hold in this process: what was asked for when it was started, or else what is
 * stored; from then on whatever anybody sets last, here or in another client.
 */

import type {StoredLimits} from '../database/stored-limits.ts';
import {checkLimits, defaultLimits, type Limits, limitNames} from '../terms/limits.ts';

export class LimitSettings {
  readonly #stored: StoredLimits | undefined;
  #current: Limits;
  readonly #listeners = new Set<() => void>();
  // The last change in the database that was taken over.
  #seq = 0;

  /** @param asked what the user asked for; a stored limit only counts in its place if it is set later. */
  constructor(asked: Partial<Limits> = {}, stored?: StoredLimits) {
    checkLimits(asked);
    this.#stored = stored;
    this.#current = {...defaultLimits, ...this.#news(), ...asked};
  }

  get current(): Limits {
    return this.#current;
  }

  /** Tells of every change, whoever has made or found it. @returns a function that ends it. */
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
    try {
      // Only what is another one: the rest may be what was asked for here alone.
      this.#stored?.save(Object.fromEntries(names.map(name => [name, limits[name]])));
    } catch {
      // A database that is full or held by another client: they count here all the same.
    }

    this.#tell();
  }

  /** Take over what others have stored since. @returns whether anything is other than before. */
  look(): boolean {
    const before = this.#current;
    const after = {...before, ...this.#news()};
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
      // What cannot be read now is read the next time.
      return {};
    }
  }
}
