/** The places in a target folder that files and folders will have: each is given away once. */
import {foldsNames} from '../disk/folders/folding-disk.ts';
import {localName} from '../disk/local-name.ts';
import {NameTable} from '../hashing/name-table.ts';
import type {RefusedName} from './search.ts';

export class LocalPlaces {
  readonly #folds: () => boolean;
  /** Marks of places by the form that a disk without regard for case and Unicode form would see. */
  readonly #byForm = new NameTable();
  /** Further places of those forms, on a disk that tells them apart. */
  readonly #others = new NameTable();

  /**
   * @param folder absolute path of the target folder. It is made if its disk has to be tried out.
   * @param folds whether its disk ignores case and Unicode form.
   */
  constructor(folder: string, folds: () => boolean = () => foldsNames(folder)) {
    this.#folds = folds;
  }

  /**
   * Take the place of `localPath`, a remote path below the target folder.
   *
   * @returns why it cannot be had; undefined if it was free.
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
      return {code: 'exists', reason: 'another file would be saved under its name'};
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
    // A name that is text is its own name here: nothing is made for it.
    return localPath;
  }

  return localPath
    .split('/')
    .map(part => localName(part))
    .join('/');
}
