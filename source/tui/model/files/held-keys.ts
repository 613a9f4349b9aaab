/** Keys that were pressed before the folder that they are meant for has arrived, in their order. */

/** More than anybody types ahead. */
const maxHeld = 256;

export class HeldKeys {
  #actions: Array<() => void> = [];

  get count(): number {
    return this.#actions.length;
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
