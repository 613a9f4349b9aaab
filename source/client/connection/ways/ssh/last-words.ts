/** Keeps the end of what ssh, and the remote machine through it, write to standard error. */
import {Buffer} from 'node:buffer';
import type {Readable} from 'node:stream';

const mostBytes = 4096;

export class LastWords {
  #bytes = Buffer.alloc(0);

  constructor(stream: Readable) {
    stream.on('data', (bytes: Buffer) => {
      this.#bytes = Buffer.concat([this.#bytes, bytes]).subarray(-mostBytes);
    });
    // Ignored: the exit of the process tells all that matters.
    stream.on('error', () => {});
  }

  /** The lines, without empty ones. Not safe to show as they are. */
  get lines(): string[] {
    return this.#bytes
      .toString('utf8')
      .split(/[\r\n]+/)
      .map(line => line.trim())
      .filter(line => line !== '');
  }
}
