/**
 * Row numbers in the order in which they were added. A `Set` of a million numbers takes ten times as long to fill, and
 * five times the memory.
 */
export class RowSet {
  // By row: one more than its place in the order, 0 for a row that is not in the set.
  #places = new Uint32Array(1024);
  // By place: one more than its row, 0 where a row was taken out.
  #order = new Uint32Array(1024);
  #end = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  has(row: number): boolean {
    return (this.#places[row] ?? 0) !== 0;
  }

  /** @returns false for a row that is in the set already: it keeps its place. */
  add(row: number): boolean {
    if (this.has(row)) {
      return false;
    }

    this.#places = withRoom(this.#places, row);
    if (this.#end === this.#order.length) {
      this.#closeGaps();
      this.#order = withRoom(this.#order, this.#end);
    }

    this.#order[this.#end++] = row + 1;
    this.#places[row] = this.#end;
    this.#size++;
    return true;
  }

  /** @returns false for a row that is not in the set. */
  delete(row: number): boolean {
    const place = this.#places[row] ?? 0;
    if (place === 0) {
      return false;
    }

    this.#order[place - 1] = 0;
    this.#places[row] = 0;
    this.#size--;
    return true;
  }

  /** The rows in their order; none may be added meanwhile. */
  *[Symbol.iterator](): Generator<number> {
    for (let place = 0; place < this.#end; place++) {
      const next = this.#order[place] ?? 0;
      if (next !== 0) {
        yield next - 1;
      }
    }
  }

  /** Rows that are added and removed again and again take no more room than those that stay. */
  #closeGaps(): void {
    if (this.#size > this.#end / 2) {
      return;
    }

    let end = 0;
    for (const row of this) {
      this.#order[end++] = row + 1;
      this.#places[row] = end;
    }

    this.#end = end;
  }
}

/** `numbers`, or a longer copy of it, with room for `index`. */
function withRoom(numbers: Uint32Array<ArrayBuffer>, index: number): Uint32Array<ArrayBuffer> {
  if (index < numbers.length) {
    return numbers;
  }

  const longer = new Uint32Array(2 ** Math.ceil(Math.log2(index + 1)));
  longer.set(numbers);
  return longer;
}
