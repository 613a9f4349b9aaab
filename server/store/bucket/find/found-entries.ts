import type {Entry} from '../../../../protocol/messages.ts';
import {entryOf} from '../key-entries.ts';
import type {Listed} from '../s3/listing.ts';
import {SettledKeys} from '../settled-keys.ts';

/** Makes entries from keys in byte order: each folder on the path of a key comes once, before its content. */
export class FoundEntries {
  readonly #base: string;
  readonly #settled = new SettledKeys();
  /** The folder of the last key: a prefix that ends with a slash. */
  #folder: string;

  /** @param base the prefix of the keys of the searched folder. */
  constructor(base: string) {
    this.#base = base;
    this.#folder = base;
  }

  /** Add the next key. @returns the entries that are now certain. */
  add(key: Listed): Entry[] {
    return this.#entriesOf([
      ...this.#newFolders(key.key).flatMap(folder =>
        this.#settled.add({kind: 'folder', key: folder}),
      ),
      ...(key.key.endsWith('/') ? [] : this.#settled.add(key)),
    ]);
  }

  /** The remaining entries at the end of a listing. */
  rest(): Entry[] {
    return this.#entriesOf(this.#settled.rest());
  }

  /** The folders on the path of `key`, including itself, that did not contain the key before it. */
  #newFolders(key: string): string[] {
    const folders: string[] = [];
    let slash = key.indexOf('/', this.#base.length);
    for (; slash !== -1; slash = key.indexOf('/', slash + 1)) {
      const folder = key.slice(0, slash + 1);
      if (!this.#folder.startsWith(folder)) {
        folders.push(folder);
      }
    }

    this.#folder = key.slice(0, key.lastIndexOf('/') + 1);
    return folders;
  }

  #entriesOf(keys: readonly Listed[]): Entry[] {
    return keys.flatMap(key => entryOf(key, this.#base.length) ?? []);
  }
}
