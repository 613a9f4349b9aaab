import type {Entry} from '../../../../protocol/messages.ts';
import {entryOf} from '../key-entries.ts';
import type {Listed} from '../s3/listing.ts';
import {SettledKeys} from '../settled-keys.ts';

/** Entries of keys that come in the order of their bytes, each folder on the way once and before what is in it. */
export class FoundEntries {
  readonly #base: string;
  readonly #settled = new SettledKeys();
  /** The folder of the last key, as a key with a slash at its end. */
  #folder: string;

  /** @param base what the keys of the folder that is searched begin with. */
  constructor(base: string) {
    this.#base = base;
    this.#folder = base;
  }

  /** The entries that are settled by the next key. */
  add(key: Listed): Entry[] {
    return this.#entriesOf([
      ...this.#newFolders(key.key).flatMap(folder =>
        this.#settled.add({kind: 'folder', key: folder}),
      ),
      ...(key.key.endsWith('/') ? [] : this.#settled.add(key)),
    ]);
  }

  /** The last ones of a listing. */
  rest(): Entry[] {
    return this.#entriesOf(this.#settled.rest());
  }

  /** The folders that `key` is in, itself too, and the key before it was not. */
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
