/** Entries on their way out, gathered into `entries` frames. */
import {Buffer} from 'node:buffer';
import {encodeFrame, frameKinds} from '../../protocol/frame.ts';
import {type Entry, maxEntries} from '../../protocol/messages.ts';
import {pathToWire} from '../../protocol/remote-path.ts';

/** Bytes of a frame after which it is sent: far below the limit, even with the longest name. */
const frameBytes = 131_072;

/** A whole frame, and the totals of its entries. */
export type EntryFrame = {
  frame: Buffer;
  entries: number;
  /** Files among its entries, and the sum of their sizes. */
  files: number;
  bytes: number;
};

export class EntryFrames {
  #rows: string[] = [];
  #rowBytes = 0;
  #files = 0;
  #bytes = 0;

  /** Add an entry. The frame that it fills, if it does. */
  add(entry: Entry): EntryFrame | undefined {
    const row = rowOf(entry);
    this.#rows.push(row);
    this.#rowBytes += Buffer.byteLength(row) + 1;
    if (entry.type === 'file') {
      this.#files++;
      this.#bytes += entry.size;
    }

    const full = this.#rows.length === maxEntries || this.#rowBytes >= frameBytes;
    return full ? this.rest() : undefined;
  }

  /** A frame of the entries that are in none yet; undefined if there are none. */
  rest(): EntryFrame | undefined {
    const entries = this.#rows.length;
    if (entries === 0) {
      return undefined;
    }

    const payload = `{"entries":[${this.#rows.join(',')}]}`;
    const frame = encodeFrame(frameKinds.entries, payload);
    const filled = {frame, entries, files: this.#files, bytes: this.#bytes};
    this.#rows = [];
    this.#rowBytes = 0;
    this.#files = 0;
    this.#bytes = 0;
    return filled;
  }
}

/** In half the time that `JSON.stringify` takes for the whole entry: a folder may have a million. */
function rowOf({name, type, size, mtimeMs}: Entry): string {
  return `{"name":${JSON.stringify(pathToWire(name))},"type":"${type}","size":${size},"mtimeMs":${mtimeMs}}`;
}
