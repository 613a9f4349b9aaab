/**
 * Names as bytes, in pages. A page stores the common prefix of its names once. A million strings would take three times
 * the memory, and the garbage collector would visit each of them again and again.
 *
 *     [ "entry-00" | 17-a 18-b … ] [ "entry-01" | … ] … [ the open page, as strings ]
 */
import {Buffer} from 'node:buffer';
import {Column, pageOf, pageRows, placeOf} from './column.ts';

type Page = {
  readonly prefix: string;
  /** The rests of the names, without the prefix, one after the other. */
  readonly bytes: Buffer;
};

export class NameStore {
  readonly #pages: Page[] = [];
  #open: string[] = [];
  // For each name of a full page: its start in the bytes of the page, and 1 if a character takes two bytes, or else 0.
  readonly #starts = new Column();
  readonly #isWide = new Column();

  get size(): number {
    return this.#pages.length * pageRows + this.#open.length;
  }

  add(name: string): void {
    this.#open.push(name);
    if (this.#open.length === pageRows) {
      this.#pages.push(this.#packed(this.#open));
      this.#open = [];
    }
  }

  /** The name with number `index`, from 0; empty if there is none. */
  at(index: number): string {
    const page = this.#pages[pageOf(index)];
    if (page === undefined) {
      return index < this.size ? (this.#open[placeOf(index)] ?? '') : '';
    }

    const {prefix, bytes} = page;
    const [start, end] = [this.#starts.at(index), this.#endOf(index, page)];
    return prefix + bytes.toString(this.#encodingOf(index), start, end);
  }

  /** Call `tell` with the hash of each name, equal to that of `hashOf`, in their order. It makes no strings. */
  eachHash(tell: (index: number, hash: number) => void): void {
    let index = 0;
    for (const page of this.#pages) {
      const ofPrefix = withName(firstHash, page.prefix);
      for (let place = 0; place < pageRows; place++, index++) {
        tell(index, mixed(this.#withRest(ofPrefix, index, page)));
      }
    }

    for (const name of this.#open) {
      tell(index++, hashOf(name));
    }
  }

  #withRest(hash: number, index: number, page: Page): number {
    const end = this.#endOf(index, page);
    const {bytes} = page;
    let whole = hash;
    if (this.#isWide.at(index) === 1) {
      for (let at = this.#starts.at(index); at < end; at += 2) {
        whole = withCode(whole, bytes.readUInt16LE(at));
      }
    } else {
      for (let at = this.#starts.at(index); at < end; at++) {
        whole = withCode(whole, bytes[at] ?? 0);
      }
    }

    return whole;
  }

  #endOf(index: number, {bytes}: Page): number {
    return placeOf(index + 1) === 0 ? bytes.length : this.#starts.at(index + 1);
  }

  #packed(names: readonly string[]): Page {
    const prefix = sharedBeginning(names);
    const rests = names.map(name => name.slice(prefix.length));
    let length = 0;
    for (const rest of rests) {
      const isWide = !isLatin1(rest);
      this.#starts.push(length);
      this.#isWide.push(isWide ? 1 : 0);
      length += isWide ? rest.length * 2 : rest.length;
    }

    const bytes = Buffer.allocUnsafeSlow(length);
    const first = this.#pages.length * pageRows;
    for (const [place, rest] of rests.entries()) {
      bytes.write(rest, this.#starts.at(first + place), this.#encodingOf(first + place));
    }

    return {prefix, bytes};
  }

  #encodingOf(index: number): 'utf16le' | 'latin1' {
    return this.#isWide.at(index) === 1 ? 'utf16le' : 'latin1';
  }
}

/** The common prefix of all names. */
function sharedBeginning([first = '', ...others]: readonly string[]): string {
  let {length} = first;
  for (const name of others) {
    let same = 0;
    while (same < length && name.charCodeAt(same) === first.charCodeAt(same)) {
      same++;
    }

    length = same;
  }

  return first.slice(0, length);
}

function isLatin1(name: string): boolean {
  for (let at = 0; at < name.length; at++) {
    if (name.charCodeAt(at) > 0xff) {
      return false;
    }
  }

  return true;
}

/** A hash of the characters of a name: FNV-1a, and then its bits are mixed. */
export function hashOf(name: string): number {
  return mixed(withName(firstHash, name));
}

const firstHash = 0x811c9dc5;

function withName(hash: number, name: string): number {
  let all = hash;
  for (let at = 0; at < name.length; at++) {
    all = withCode(all, name.charCodeAt(at));
  }

  return all;
}

function withCode(hash: number, code: number): number {
  return Math.imul(hash ^ code, 0x01000193);
}

/** Similar names differ in their last character only: spread that difference over all bits. */
function mixed(hash: number): number {
  const half = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  const whole = Math.imul(half ^ (half >>> 13), 0xc2b2ae35);
  return (whole ^ (whole >>> 16)) >>> 0;
}
