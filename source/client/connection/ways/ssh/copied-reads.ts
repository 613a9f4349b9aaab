import type {Buffer} from 'node:buffer';
import type {Readable} from 'node:stream';
import type {WayEvents} from '../way.ts';

/** Copies the bytes of a stream into the memory that `events.room` returns. Keeps bytes that nobody reads yet. */
export class CopiedReads {
  readonly #stream: Readable;
  readonly #events: Pick<WayEvents, 'room' | 'read'>;
  #kept: Buffer | undefined;
  #isReading = false;

  constructor(stream: Readable, events: Pick<WayEvents, 'room' | 'read'>) {
    this.#stream = stream;
    this.#events = events;
    stream.on('data', (bytes: Buffer) => {
      if (!this.#take(bytes)) {
        stream.pause();
      }
    });
  }

  resume(): void {
    // If `#take` is running, the value that `read` returns decides whether it continues.
    if (this.#isReading || this.#stream.destroyed) {
      return;
    }

    const kept = this.#kept;
    this.#kept = undefined;
    if (kept === undefined || this.#take(kept)) {
      this.#stream.resume();
    }
  }

  /** @returns whether to continue reading. */
  #take(bytes: Buffer): boolean {
    this.#isReading = true;
    let rest = bytes;
    try {
      while (rest.length > 0 && !this.#stream.destroyed) {
        const room = this.#events.room();
        const count = rest.copy(room);
        rest = rest.subarray(count);
        if (!this.#events.read(count, room)) {
          this.#kept = rest.length > 0 ? rest : undefined;
          return false;
        }
      }
    } finally {
      this.#isReading = false;
    }

    return true;
  }
}
