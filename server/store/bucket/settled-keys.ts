import type {Listed} from './s3/listing.ts';

/**
 * Removes objects that have the name of a folder from a listing: of `a` and `a/b`, only the folder `a` is shown. Keys such
 * as `a!` come between the two, so an object is held back until no key in a folder with its name can follow.
 */
export class SettledKeys {
  /** Held keys; each begins with the key before it. */
  #held: Listed[] = [];

  /** Add the next key in byte order. @returns the keys that are now certain. */
  add(next: Listed): Listed[] {
    const settled: Listed[] = [];
    const held: Listed[] = [];
    for (const one of this.#held) {
      if (!next.key.startsWith(one.key)) {
        settled.push(one);
      } else if (!next.key.startsWith(`${one.key}/`)) {
        held.push(one);
      }
    }

    this.#held = held;
    if (next.kind === 'object' && !next.key.endsWith('/')) {
      held.push(next);
    } else {
      settled.push(next);
    }

    return settled;
  }

  /** The keys that are still held at the end of the listing. */
  rest(): Listed[] {
    const rest = this.#held;
    this.#held = [];
    return rest;
  }
}
