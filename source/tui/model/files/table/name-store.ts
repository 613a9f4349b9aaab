/**
 * Names as bytes in a few large buffers: a million strings would take twice the memory, and the garbage collector would
 * visit each of them again and again.
 */
import {Buffer} from 'node:buffer';

/** A name never crosses two chunks. */
const chunkBits = 20;
const chunkBytes = 1 << chunkBits;

export class NameStore {
  #chunks: Buffer[] = [];
  // Offset of the end of the last name, counted from the start of the first chunk.
  #end = 0;
  #starts = new Uint32Array(1024);
  // The length of each name in bytes, times two; odd if a character takes two bytes.
  #lengths = new Uint16Array(1024);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Add a name of at most 4,096 characters. */
  add(name: string): void {
    if (this.#size === this.#starts.length) {
      this.#grow();
    }

    const isWide = !isLatin1(name);
    const length = isWide ? name.length * 2 : name.length;
    const left = this.#chunks.length * chunkBytes - this.#end;
    if (left < length) {
      this.#end += left;
      this.#chunks.push(Buffer.allocUnsafeSlow(chunkBytes));
    }

    const chunk = this.#chunks[this.#end >>> chunkBits];
    chunk?.write(name, this.#end % chunkBytes, isWide ? 'utf16le' : 'latin1');
    this.#starts[this.#size] = this.#end;
    this.#lengths[this.#size] = length * 2 + (isWide ? 1 : 0);
    this.#end += length;
    this.#size++;
  }

  /** The name with number `index`, from 0; empty if there is none. */
  at(index: number): string {
    if (index >= this.#size) {
      return '';
    }

    const start = this.#starts[index] ?? 0;
    const length = this.#lengths[index] ?? 0;
    const from = start % chunkBytes;
    const encoding = length % 2 === 1 ? 'utf16le' : 'latin1';
    return this.#chunks[start >>> chunkBits]?.toString(encoding, from, from + (length >>> 1)) ?? '';
  }

  /** The hash of a stored name, equal to that of `hashOf`, computed without making a string. */
  hashAt(index: number): number {
    const start = this.#starts[index] ?? 0;
    const length = this.#lengths[index] ?? 0;
    const chunk = this.#chunks[start >>> chunkBits];
    const from = start % chunkBytes;
    const end = from + (length >>> 1);
    const isWide = length % 2 === 1;
    let hash = firstHash;
    for (let at = from; at < end; at += isWide ? 2 : 1) {
      hash = withCode(hash, (chunk?.[at] ?? 0) + (isWide ? (chunk?.[at + 1] ?? 0) * 256 : 0));
    }

    return spread(hash);
  }

  #grow(): void {
    const size = this.#size * 2;
    const [starts, lengths] = [new Uint32Array(size), new Uint16Array(size)];
    starts.set(this.#starts);
    lengths.set(this.#lengths);
    this.#starts = starts;
    this.#lengths = lengths;
  }
}

function isLatin1(name: string): boolean {
  for (let at = 0; at < name.length; at++) {
    if (name.charCodeAt(at) > 0xff) {
      return false;
    }
  }

  return true;
}

/** FNV-1a of the characters of a name. */
export function hashOf(name: string): number {
  let hash = firstHash;
  for (let at = 0; at < name.length; at++) {
    hash = withCode(hash, name.charCodeAt(at));
  }

  return spread(hash);
}

const firstHash = 0x811c9dc5;

function withCode(hash: number, code: number): number {
  return Math.imul(hash ^ code, 0x01000193);
}

/** Similar names differ in their last character only: spread that difference over all bits. */
function spread(hash: number): number {
  return (hash ^ (hash >>> 15)) >>> 0;
}
