/** What this process has saved, in all visits to servers: said once the full screen is gone. */
import {dirname} from 'node:path';
import {NameTable} from '../transfers/hashing/name-table.ts';
import {commonFolder} from '../transfers/terms/common-folder.ts';

export class SavedFiles {
  /** Their paths: a file that is repaired after its download counts once. */
  readonly #paths = new NameTable();
  #last = '';
  #folder: string | undefined;

  /** @param file absolute path. */
  add(file: string): void {
    this.#paths.set(file, 1);
    this.#last = file;
    const folder = dirname(file);
    this.#folder = this.#folder === undefined ? folder : commonFolder(this.#folder, folder);
  }

  get count(): number {
    return this.#paths.size;
  }

  /** The file, if it is the only one; otherwise the deepest folder that contains all of them. */
  get place(): string {
    return this.count === 1 ? this.#last : (this.#folder ?? '');
  }
}
