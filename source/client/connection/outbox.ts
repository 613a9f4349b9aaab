/** The requests that leave a connection. */
import {Buffer} from 'node:buffer';
import type {Socket} from 'node:net';
import {encodeRequest, type RequestName, type Requests} from '../../../protocol/messages.ts';

export class Outbox {
  readonly #socket: Socket;
  /** Frames of this tick that have not left. */
  #frames: Buffer[] = [];

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** Requests of the same tick leave together: a write costs more than a request. */
  send<Name extends RequestName>(name: Name, body: Requests[Name]): void {
    if (this.#frames.push(encodeRequest(name, body)) === 1) {
      process.nextTick(() => {
        const frames = this.#frames;
        this.#frames = [];
        if (!this.#socket.destroyed) {
          this.#socket.write(Buffer.concat(frames));
        }
      });
    }
  }
}
