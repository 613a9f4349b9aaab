/**
 * The folder of which files were asked for last. Small files are asked for by the thousand, and
 * mostly one after the other from one folder: to find out for each anew where its folder is would
 * cost more than to read it. A folder is kept for one turn of the event loop, a few milliseconds,
 * and only when a second file of it is asked for.
 */
import {closeSync} from 'node:fs';
import {parentOf, type RemotePath} from '../../../../protocol/remote-path.ts';

export class LastFolder {
  readonly #pin: (path: RemotePath) => number;
  #path: RemotePath | undefined;
  #descriptor: number | undefined;
  #timer: NodeJS.Immediate | undefined;

  /** @param pin gives a descriptor of a folder that is inside the root now, or throws. */
  constructor(pin: (path: RemotePath) => number) {
    this.#pin = pin;
  }

  /**
   * A descriptor of the folder of `path`, which stays this one's to close: it was inside the root
   * in this turn of the event loop. Undefined if it is not kept.
   */
  of(path: RemotePath): number | undefined {
    const parent = parentOf(path);
    if (parent !== this.#path) {
      this.close();
      this.#path = parent;
      this.#timer = setImmediate(() => this.close());
      return undefined;
    }

    this.#descriptor ??= this.#pin(parent);
    return this.#descriptor;
  }

  close(): void {
    clearImmediate(this.#timer);
    if (this.#descriptor !== undefined) {
      closeSync(this.#descriptor);
    }

    this.#timer = undefined;
    this.#descriptor = undefined;
    this.#path = undefined;
  }
}
