/** Tells a second click on the same thing from a first one. */

/** Milliseconds between the two. */
const doubleMs = 400;

export class DoubleClick {
  #last: {readonly name: string; readonly atMs: number} | undefined;

  /**
   * @param name of the thing that was clicked; undefined: something that cannot be opened.
   * @param atMs when it was, by a clock that only goes forward.
   */
  isSecond(name: string | undefined, atMs: number): boolean {
    const last = this.#last;
    const isSecond = name !== undefined && name === last?.name && atMs - last.atMs < doubleMs;
    this.#last = name === undefined || isSecond ? undefined : {name, atMs};
    return isSecond;
  }
}
