/** Remote names that came, and which of them would be one name on this disk. */
import {localName} from '../../transfers/disk/local-name.ts';

export class SeenNames {
  readonly #folds: () => boolean;
  /** By the form that a disk without regard for case and Unicode form would see. */
  readonly #byForm = new Map<string, string>();
  /** Further names of those forms, on a disk that tells them apart. */
  readonly #others = new Set<string>();

  /** @param folds whether the disk is one without regard for case and Unicode form. */
  constructor(folds: () => boolean) {
    this.#folds = folds;
  }

  get size(): number {
    return this.#byForm.size + this.#others.size;
  }

  *[Symbol.iterator](): Generator<string> {
    yield* this.#byForm.values();
    yield* this.#others;
  }

  /**
   * Take `name`, a path of a file or a folder, unless it came before (`twice`) or another one has
   * its place on this disk (`taken`).
   */
  add(name: string): 'new' | 'twice' | 'taken' {
    const local = localOf(name);
    const form = local.normalize('NFC').toLowerCase();
    const other = this.#byForm.get(form);
    if (other === undefined) {
      // Nearly always one string: it is not kept twice.
      this.#byForm.set(form, form === name ? form : name);
      return 'new';
    }

    if (other === name || this.#others.has(name)) {
      return 'twice';
    }

    if (local === localOf(other) || this.#folds()) {
      return 'taken';
    }

    this.#others.add(name);
    return 'new';
  }
}

function localOf(name: string): string {
  return name
    .split('/')
    .map(part => localName(part))
    .join('/');
}
