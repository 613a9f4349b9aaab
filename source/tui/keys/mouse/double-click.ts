/** Tells a double click from a single one. */

/** Most milliseconds between the two clicks. */
const doubleMs = 400;

export class DoubleClick {
  #last: {readonly name: string; readonly atMs: number} | undefined;

  /**
   * @param name of the thing that was clicked; undefined if it cannot be opened.
   * @param atMs when it was, by a monotonic clock.
   */
  isSecond(name: string | undefined, atMs: number): boolean {
    const last = this.#last;
    const isSecond = name !== undefined && name === last?.name && atMs - last.atMs < doubleMs;
    this.#last = name === undefined || isSecond ? undefined : {name, atMs};
    return isSecond;
  }
}
