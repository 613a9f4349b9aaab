/** What this process has saved, in all visits to servers: said once the full screen is gone. */
import {dirname} from 'node:path';
import {commonFolder} from '../transfers/terms/common-folder.ts';

export class SavedFiles {
  #count = 0;
  #last = '';
  #folder: string | undefined;

  /** @param file absolute path. */
  add(file: string): void {
    this.#count++;
    this.#last = file;
    const folder = dirname(file);
    this.#folder = this.#folder === undefined ? folder : commonFolder(this.#folder, folder);
  }

  get count(): number {
    return this.#count;
  }

  /** The file, if it is the only one; otherwise the deepest folder that contains all of them. */
  get place(): string {
    return this.#count === 1 ? this.#last : (this.#folder ?? '');
  }
}
