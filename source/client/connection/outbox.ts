/** Sends the requests of a connection. */
import {Buffer} from 'node:buffer';
import {encodeRequest, type RequestName, type Requests} from '../../../protocol/messages.ts';
import type {Way} from './ways/way.ts';

export class Outbox {
  readonly #way: Way;
  /** Frames of this tick that were not sent yet. */
  #frames: Buffer[] = [];

  constructor(way: Way) {
    this.#way = way;
  }

  /** Requests of the same tick are sent together: a write costs more than a request. */
  send<Name extends RequestName>(name: Name, body: Requests[Name]): void {
    if (this.#frames.push(encodeRequest(name, body)) === 1) {
      process.nextTick(() => {
        const frames = this.#frames;
        this.#frames = [];
        if (!this.#way.destroyed) {
          this.#way.write(Buffer.concat(frames));
        }
      });
    }
  }
}
