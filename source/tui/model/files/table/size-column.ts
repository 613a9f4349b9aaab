/** Sizes of files by row, in four bytes each as long as none is of 4 GiB or more, and then in eight. */

const lowRange = 2 ** 32;

export class SizeColumn {
  #low = new Uint32Array(1024);
  // How often `lowRange` is in them.
  #high: Uint32Array<ArrayBuffer> | undefined;

  /** Bytes; 0 for a row without a size. */
  at(row: number): number {
    return (this.#low[row] ?? 0) + (this.#high?.[row] ?? 0) * lowRange;
  }

  /** @param bytes a whole number, at least 0. */
  set(row: number, bytes: number): void {
    this.#low[row] = bytes % lowRange;
    if (bytes >= lowRange) {
      this.#high ??= new Uint32Array(this.#low.length);
      this.#high[row] = Math.floor(bytes / lowRange);
    }
  }

  /** Have room for `rows`. */
  grow(rows: number): void {
    this.#low = longer(this.#low, rows);
    this.#high &&= longer(this.#high, rows);
  }
}

function longer(from: Uint32Array<ArrayBuffer>, rows: number): Uint32Array<ArrayBuffer> {
  const to = new Uint32Array(rows);
  to.set(from);
  return to;
}
