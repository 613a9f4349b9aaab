/**
 * Keys that act on an entry: each acts on the entry that was under the cursor when it was pressed. Keys that are
 * pressed before any entry is shown wait, in their order, until the whole folder is here: before that nobody knows
 * which entry is the first.
 */

/** More keys than a user types ahead. */
const maxHeld = 256;

/** The reading of the folder that keys may wait for. */
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

  /** Other entries will be shown: the remembered row does not count any more. */
  showsNothing(): void {
    this.#shown = undefined;
  }

  /** Whether a key has to wait: no entry was shown for it, it concerns all entries (`atAll`), or earlier keys wait. */
  mustWait({isReading, isCut}: Reading, atAll: boolean): boolean {
    return this.count > 0 || atAll ? isReading || isCut : isReading && this.#shown === undefined;
  }

  add(action: () => void): void {
    if (this.#actions.length < maxHeld) {
      this.#actions.push(action);
    }
  }

  /** Perform the keys as long as `mayRun` allows: one key may open a folder that later keys have to wait for. */
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
