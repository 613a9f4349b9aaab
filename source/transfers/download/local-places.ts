/** The places of files and folders in a target folder. Each place is given out only once. */
import {foldsNames} from '../disk/folders/folding-disk.ts';
import {localName} from '../disk/local-name.ts';
import {NameTable} from '../hashing/name-table.ts';
import type {RefusedName} from './search.ts';

export class LocalPlaces {
  readonly #folds: () => boolean;
  /** Places by their form without case and Unicode form, which is what some disks see. */
  readonly #byForm = new NameTable();
  /** Further places with the same form, on a disk that tells them apart. */
  readonly #others = new NameTable();

  /**
   * @param folder absolute path of the target folder. It is made if its disk must be tested.
   * @param folds whether its disk ignores case and Unicode form.
   */
  constructor(folder: string, folds: () => boolean = () => foldsNames(folder)) {
    this.#folds = folds;
  }

  /**
   * Take the place of `localPath`, a remote path below the target folder.
   *
   * @returns the reason if it is taken; undefined if it was free.
   */
  take(localPath: string): Pick<RefusedName, 'code' | 'reason'> | undefined {
    const place = placeOf(localPath);
    const form = place.normalize('NFC').toLowerCase();
    const mark = this.#byForm.markOf(place);
    const other = this.#byForm.setNew(form, mark);
    if (other === undefined) {
      return undefined;
    }

    if (other === mark || this.#others.get(place) !== undefined) {
      return {code: 'exists', reason: 'another file is saved under the same name'};
    }

    if (this.#folds()) {
      return {
        code: 'exists',
        reason:
          'its name is the same as that of another file or folder here, apart from case or Unicode form',
      };
    }

    this.#others.set(place, mark);
    return undefined;
  }
}

function placeOf(localPath: string): string {
  if (process.platform !== 'win32' && localPath.isWellFormed()) {
    // Fast path: a name that is valid text needs no conversion here.
    return localPath;
  }

  return localPath
    .split('/')
    .map(part => localName(part))
    .join('/');
}
