/**
 * Keys that are meant for an entry: each counts on the entry that was shown under the cursor when it
 * was pressed. Those that were pressed before any entry was shown are held, in their order, until the
 * whole folder is here: which is the first entry, or the third, nobody knows before that.
 */

/** More than anybody types ahead. */
const maxHeld = 256;

/** The reading of the folder that keys may have to wait for. */
type Reading = {readonly isReading: boolean; readonly isCut: boolean};

export class HeldKeys {
  #actions: Array<() => void> = [];
  // The row under the cursor when entries of the folder were shown last; undefined before that.
  #shown: {readonly row: number | undefined} | undefined;

  get count(): number {
    return this.#actions.length;
  }

  /** The row that was shown under the cursor; undefined if there was none. */
  get shownRow(): number | undefined {
    return this.#shown?.row;
  }

  /** Entries are on the screen, with the cursor on `row`. */
  showed(row: number | undefined): void {
    this.#shown = {row};
  }

  /** Other entries will come: what was shown counts no more. */
  showsNothing(): void {
    this.#shown = undefined;
  }

  /**
   * Whether a key has to wait: nothing was shown that it could be meant for, it is meant for all entries (`atAll`), or
   * keys before it wait.
   */
  mustWait({isReading, isCut}: Reading, atAll: boolean): boolean {
    return this.count > 0 || atAll ? isReading || isCut : isReading && this.#shown === undefined;
  }

  add(action: () => void): void {
    if (this.#actions.length < maxHeld) {
      this.#actions.push(action);
    }
  }

  /** Perform them, as long as `mayRun`: one may open a folder that the ones behind it have to wait for. */
  run(mayRun: () => boolean): void {
    while (mayRun()) {
      const action = this.#actions.shift();
      if (action === undefined) {
        return;
      }

      action();
    }
  }

  /** Forget them all. @returns whether there were any. */
  drop(): boolean {
    return this.#actions.splice(0).length > 0;
  }
}
