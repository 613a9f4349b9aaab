/**
 * Decides when a folder is read again after its reading was cut, if there is a connection: at once the first time, then
 * with growing pauses.
 */
import {backOffMs} from '../../../../client/back-off.ts';

export class ReadAgain {
  readonly #read: () => void;
  #attempt = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(read: () => void) {
    this.#read = read;
  }

  /** A reading was cut. */
  cut(): void {
    const waitMs = this.#attempt === 0 ? 0 : backOffMs(this.#attempt - 1);
    this.#attempt++;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#read, waitMs);
  }

  /** A reading begins: no repeated reading has to follow. */
  begun(): void {
    clearTimeout(this.#timer);
  }

  /** Count attempts from zero. */
  reset(): void {
    clearTimeout(this.#timer);
    this.#attempt = 0;
  }
}
