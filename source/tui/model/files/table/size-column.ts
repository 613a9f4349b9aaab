/** Sizes of files by row: in four bytes each as long as every file is smaller than 4 GiB, then in eight. */

const lowRange = 2 ** 32;

export class SizeColumn {
  #low = new Uint32Array(1024);
  // The upper part of each size: how many times it contains `lowRange`.
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

  /** Make room for `rows`. */
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
