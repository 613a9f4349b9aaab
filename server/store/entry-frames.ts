/** Entries on their way out, gathered into frames. */
import {Buffer} from 'node:buffer';
import {encodeFrame, frameKinds} from '../../protocol/frame.ts';
import {type Entry, maxEntries} from '../../protocol/messages.ts';
import {pathToWire} from '../../protocol/remote-path.ts';

/** Bytes of a frame after which it is sent: far below the limit, even with the longest name. */
const frameBytes = 131_072;

export class EntryFrames {
  #rows: string[] = [];
  #rowBytes = 0;
  #count = 0;

  /** Entries that were added. */
  get count(): number {
    return this.#count;
  }

  /** Add an entry. The frame that it fills, if it does. */
  add(entry: Entry): Buffer | undefined {
    const row = JSON.stringify({...entry, name: pathToWire(entry.name)});
    this.#rows.push(row);
    this.#rowBytes += Buffer.byteLength(row) + 1;
    this.#count++;
    const full = this.#rows.length === maxEntries || this.#rowBytes >= frameBytes;
    return full ? this.rest() : undefined;
  }

  /** A frame of those that are in none yet; undefined if there are none. */
  rest(): Buffer | undefined {
    if (this.#rows.length === 0) {
      return undefined;
    }

    const payload = `{"entries":[${this.#rows.join(',')}]}`;
    this.#rows = [];
    this.#rowBytes = 0;
    return encodeFrame(frameKinds.entries, payload);
  }
}
