/**
 * The entries of one folder in columns: a million entries as objects would take twice the memory. An entry is known by
 * its row number; rows are never removed.
 */
import type {Entry, EntryType} from '../../../../../protocol/messages.ts';
import {Extensions} from './extensions.ts';
import {nameKey, sharedPrefix} from './name-keys.ts';
import {hashOf, NameStore} from './name-store.ts';
import {compareNames} from './natural-order.ts';
import {SizeColumn} from './size-column.ts';

const types = ['folder', 'file', 'other'] as const satisfies readonly EntryType[];
const folderType = 0;

/** Bits of a hash table place that hold the row; the others hold a part of the hash of the name. */
const rowBits = 22;
const rowMask = 2 ** rowBits - 1;
/** More rows than any folder shows. */
const mostRows = 2 ** (rowBits - 1);

/** Names that are sampled to find their common prefix. */
const sampleSize = 64;

export type SortKey = 'name' | 'size' | 'time' | 'type';
export type SortOrder = {readonly key: SortKey; readonly reverse: boolean};

export class EntryTable {
  readonly #names = new NameStore();
  readonly #extensions = new Extensions(row => this.name(row));
  readonly #sizes = new SizeColumn();
  #times = new Float64Array(1024);
  #types = new Uint8Array(1024);
  #keys = new Float64Array(1024);
  // The prefix that the keys leave out: most names of a folder begin alike.
  #prefix = '';
  // A hash table with linear probing: row + 1 in each used place, below the first bits of the hash; 0 in free places.
  #places = new Uint32Array(2048);

  get size(): number {
    return this.#names.size;
  }

  /**
   * @returns the row, or undefined if there is an entry of that name already.
   * @throws RangeError for more than two million rows (2,097,152).
   */
  add(entry: Entry): number | undefined {
    const row = this.#names.size;
    if (row === this.#times.length) {
      this.#grow();
    }

    const hash = hashOf(entry.name);
    const place = this.#placeOf(entry.name, hash);
    if (this.#places[place] !== 0) {
      return undefined;
    }

    this.#places[place] = placeFor(row, hash);
    this.#names.add(entry.name);
    this.#keys[row] = nameKey(entry.name, this.#prefix);
    this.#sizes.set(row, entry.size);
    this.#times[row] = entry.mtimeMs;
    this.#types[row] = types.indexOf(entry.type);
    return row;
  }

  /** The row of the entry with that name. */
  find(name: string): number | undefined {
    const found = this.#places[this.#placeOf(name, hashOf(name))] ?? 0;
    return found === 0 ? undefined : (found & rowMask) - 1;
  }

  name(row: number): string {
    return this.#names.at(row);
  }

  type(row: number): EntryType {
    return types[this.#types[row] ?? folderType] ?? 'other';
  }

  /** Bytes. */
  bytes(row: number): number {
    return this.#sizes.at(row);
  }

  mtimeMs(row: number): number {
    return this.#times[row] ?? 0;
  }

  /** A total order of rows: folders always come first; rows with equal keys are ordered by name. */
  comparator({key, reverse}: SortOrder): (a: number, b: number) => number {
    const sign = reverse ? -1 : 1;
    const byName = (a: number, b: number) => this.#compareNames(a, b);
    const byKey = this.#byKey(key);
    return (a, b) => {
      const folderA = this.#types[a] === folderType;
      if (folderA !== (this.#types[b] === folderType)) {
        return folderA ? -1 : 1;
      }

      if (byKey === undefined) {
        return byName(a, b) * sign;
      }

      const order = byKey(a, b);
      return order === 0 ? byName(a, b) : order * sign;
    };
  }

  #compareNames(a: number, b: number): number {
    const order = (this.#keys[a] ?? 0) - (this.#keys[b] ?? 0);
    return order < 0 || order > 0 ? order : compareNames(this.name(a), this.name(b));
  }

  /** @returns undefined if the order is by name. */
  #byKey(key: SortKey): ((a: number, b: number) => number) | undefined {
    switch (key) {
      case 'name':
        return undefined;
      case 'size':
        return (a, b) => this.bytes(a) - this.bytes(b);
      case 'time':
        return (a, b) => this.mtimeMs(a) - this.mtimeMs(b);
      case 'type':
        return (a, b) => this.#extensions.compare(a, b);
    }
  }

  /** The place of the entry with that name, or the free one where it would go. */
  #placeOf(name: string, hash: number): number {
    const mask = this.#places.length - 1;
    let place = hash & mask;
    for (;;) {
      const found = this.#places[place] ?? 0;
      const isLikely = (found ^ hash) >>> rowBits === 0;
      if (found === 0 || (isLikely && this.name((found & rowMask) - 1) === name)) {
        return place;
      }

      place = (place + 1) & mask;
    }
  }

  /** Keys without the common prefix distinguish more names. */
  #findKeys(keys: Float64Array<ArrayBuffer>): void {
    const prefix = sharedPrefix(this.#sample());
    if (prefix === this.#prefix) {
      this.#keys = longer(this.#keys, keys);
      return;
    }

    for (let row = 0; row < this.size; row++) {
      keys[row] = nameKey(this.name(row), prefix);
    }

    this.#keys = keys;
    this.#prefix = prefix;
  }

  /** A sample of the names. */
  #sample(): string[] {
    const step = this.size / sampleSize;
    return Array.from({length: sampleSize}, (_, index) => this.name(Math.floor(index * step)));
  }

  #grow(): void {
    const size = this.#times.length * 2;
    if (size > mostRows) {
      throw new RangeError(`A table holds ${mostRows} rows at most`);
    }

    this.#sizes.grow(size);
    this.#times = longer(this.#times, new Float64Array(size));
    this.#types = longer(this.#types, new Uint8Array(size));
    this.#findKeys(new Float64Array(size));
    this.#places = new Uint32Array(size * 2);
    const mask = this.#places.length - 1;
    for (let row = 0; row < this.size; row++) {
      const hash = this.#names.hashAt(row);
      let place = hash & mask;
      while (this.#places[place] !== 0) {
        place = (place + 1) & mask;
      }

      this.#places[place] = placeFor(row, hash);
    }
  }
}

function placeFor(row: number, hash: number): number {
  return ((hash & ~rowMask) | (row + 1)) >>> 0;
}

function longer<Column extends Float64Array | Uint8Array>(from: Column, to: Column): Column {
  to.set(from);
  return to;
}
