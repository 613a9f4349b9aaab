/**
 * Row numbers in an order, kept sorted while they arrive. They are in chunks of at most 1,024,
 * so inserting one moves a few hundred numbers whether there are a thousand rows
 * or a million, and any position can be read at any time.
 *
 *     chunks   [ 4 0 7 ] [ 2 9 ] [ 1 3 … ]
 *     starts     0         3       5
 */

const chunkSize = 1024;

type Chunk = {ids: Uint32Array; length: number};

export class SortedRows {
  readonly #compare: (a: number, b: number) => number;
  #chunks: Chunk[] = [];
  #size = 0;
  // Where each chunk begins; computed when a position is needed after a change.
  #starts: Uint32Array | undefined;

  /** @param compare a total order: 0 only for the same row. */
  constructor(compare: (a: number, b: number) => number) {
    this.#compare = compare;
  }

  get size(): number {
    return this.#size;
  }

  /** Insert `id` at its sorted position. */
  insert(id: number): void {
    const last = this.#chunks.at(-1);
    // Many rows arrive in order already.
    if (last !== undefined && this.#compare(last.ids[last.length - 1] ?? 0, id) < 0) {
      this.append(id);
      return;
    }

    const index = this.#chunkFor(id);
    const chunk = this.#chunks[index];
    if (chunk === undefined) {
      this.append(id);
      return;
    }

    this.#insertAt(index, chunk, this.#placeIn(chunk, id), id);
  }

  /** Put `id` at the end; the caller knows that it belongs there. */
  append(id: number): void {
    let chunk = this.#chunks.at(-1);
    if (chunk === undefined || chunk.length === chunkSize) {
      chunk = {ids: new Uint32Array(chunkSize), length: 0};
      this.#chunks.push(chunk);
    }

    chunk.ids[chunk.length++] = id;
    this.#size++;
    this.#starts = undefined;
  }

  /** A copy: later changes of one do not change the other. */
  copy(): SortedRows {
    const copy = new SortedRows(this.#compare);
    copy.#chunks = this.#chunks.map(({ids, length}) => ({ids: ids.slice(), length}));
    copy.#size = this.#size;
    return copy;
  }

  /** The rows in order. */
  *[Symbol.iterator](): Generator<number> {
    for (const {ids, length} of this.#chunks) {
      for (let place = 0; place < length; place++) {
        yield ids[place] ?? 0;
      }
    }
  }

  /** The row at `position`; undefined beyond the end. */
  at(position: number): number | undefined {
    if (position < 0 || position >= this.#size) {
      return undefined;
    }

    const starts = this.#chunkStarts();
    let low = 0;
    let high = this.#chunks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if ((starts[middle] ?? 0) <= position) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }

    return this.#chunks[low]?.ids[position - (starts[low] ?? 0)];
  }

  /** The position of `id`; -1 if it is not among the rows. */
  indexOf(id: number): number {
    const index = this.#chunkFor(id);
    const chunk = this.#chunks[index];
    if (chunk === undefined) {
      return -1;
    }

    const place = this.#placeIn(chunk, id);
    return place < chunk.length && chunk.ids[place] === id
      ? (this.#chunkStarts()[index] ?? 0) + place
      : -1;
  }

  /** The number of rows before the position that `id` has or would have. */
  rankOf(id: number): number {
    const index = this.#chunkFor(id);
    const chunk = this.#chunks[index];
    return chunk === undefined ? 0 : (this.#chunkStarts()[index] ?? 0) + this.#placeIn(chunk, id);
  }

  /** The chunk for `id`: the first whose last row is not before it. */
  #chunkFor(id: number): number {
    let low = 0;
    let high = this.#chunks.length - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const chunk = this.#chunks[middle];
      const last = chunk?.ids[chunk.length - 1] ?? 0;
      if (this.#compare(last, id) < 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }

    return low;
  }

  #placeIn(chunk: Chunk, id: number): number {
    let low = 0;
    let high = chunk.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#compare(chunk.ids[middle] ?? 0, id) < 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }

    return low;
  }

  #insertAt(index: number, chunk: Chunk, place: number, id: number): void {
    if (chunk.length === chunkSize) {
      this.#split(index, chunk, place, id);
      return;
    }

    chunk.ids.copyWithin(place + 1, place, chunk.length);
    chunk.ids[place] = id;
    chunk.length++;
    this.#size++;
    this.#starts = undefined;
  }

  #split(index: number, chunk: Chunk, place: number, id: number): void {
    const keep = chunkSize / 2;
    const next: Chunk = {ids: new Uint32Array(chunkSize), length: chunk.length - keep};
    next.ids.set(chunk.ids.subarray(keep, chunk.length));
    chunk.length = keep;
    this.#chunks.splice(index + 1, 0, next);
    if (place < keep) {
      this.#insertAt(index, chunk, place, id);
    } else {
      this.#insertAt(index + 1, next, place - keep, id);
    }
  }

  #chunkStarts(): Uint32Array {
    if (this.#starts === undefined) {
      this.#starts = new Uint32Array(this.#chunks.length);
      let start = 0;
      for (const [index, chunk] of this.#chunks.entries()) {
        this.#starts[index] = start;
        start += chunk.length;
      }
    }

    return this.#starts;
  }
}
