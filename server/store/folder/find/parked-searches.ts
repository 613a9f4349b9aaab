/**
 * Searches whose clients do not read. Each keeps a waiting thread, so their number is limited: above the limit, the address
 * with the most searches loses the one that has waited for longest.
 */

/** The limit; each waiting thread costs some megabytes. */
const mostParked = 8;

export type ParkedSearch = {
  /** The client's address. */
  readonly peer: string;
  /** End the search, and its thread. */
  end(): void;
};

export class ParkedSearches {
  // In the order of the beginning of their wait.
  readonly #parked = new Set<ParkedSearch>();

  add(search: ParkedSearch): void {
    this.#parked.add(search);
    const tooMany = this.#parked.size > mostParked ? this.#longestOfMost() : undefined;
    if (tooMany !== undefined) {
      this.#parked.delete(tooMany);
      tooMany.end();
    }
  }

  delete(search: ParkedSearch): void {
    this.#parked.delete(search);
  }

  #longestOfMost(): ParkedSearch | undefined {
    const ofPeers = Map.groupBy(this.#parked, ({peer}) => peer);
    const [most] = [...ofPeers.values()].toSorted((one, other) => other.length - one.length);
    return most?.[0];
  }
}
