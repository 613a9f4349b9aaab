import type {Listed} from './s3/listing.ts';

/**
 * Keys on their way from a listing to a client, without objects that have the name of a folder: a bucket may have
 * `a` and `a/b`, of which only the folder `a` is shown. Keys such as `a!` come between the two; so an object is held
 * back until none can come any more that is in a folder of its name.
 */
export class SettledKeys {
  /** Each begins with the key of the one before it. */
  #held: Listed[] = [];

  /** Add the next key in the order of the bytes. What is settled by it. */
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

  /** What is held back, at the end of the listing. */
  rest(): Listed[] {
    const rest = this.#held;
    this.#held = [];
    return rest;
  }
}
