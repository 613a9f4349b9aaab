/**
 * Keeps the folder of the last requested file open. Clients request thousands of small files, mostly one after the other
 * from one folder, and checking the folder for each file would cost more than reading the file. A folder is kept for one
 * turn of the event loop, a few milliseconds, and only from the second file on.
 */
import {closeSync} from 'node:fs';
import {parentOf, type RemotePath} from '../../../../protocol/remote-path.ts';

export class LastFolder {
  readonly #pin: (path: RemotePath) => number;
  #path: RemotePath | undefined;
  #descriptor: number | undefined;
  #timer: NodeJS.Immediate | undefined;

  /** @param pin opens a folder and checks that it is inside the root now, or throws. */
  constructor(pin: (path: RemotePath) => number) {
    this.#pin = pin;
  }

  /**
   * A descriptor of the folder of `path`, which was inside the root in this turn of the event loop; this class closes it.
   * Undefined if the folder is not kept.
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
