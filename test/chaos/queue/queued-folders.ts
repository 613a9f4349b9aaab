/** The folders to which transfers of a queue save: each call of `make` adds one. */
import {lstatSync, mkdirSync, readdirSync, rmSync} from 'node:fs';
import {join} from 'node:path';
import {Target} from '../target.ts';
import type {Tree} from '../tree.ts';

export class QueuedFolders {
  readonly #parent: string;
  #targets: Target[] = [];
  #count = 0;

  /** @param parent the folder for all of them. */
  constructor(parent: string) {
    this.#parent = parent;
  }

  /** Make a folder for the files of `tree`. @returns its path. */
  make(tree: Tree): string {
    const path = join(this.#parent, `target ${++this.#count}`);
    mkdirSync(path);
    this.#targets.push(new Target(path, tree));
    return path;
  }

  /** No file will be saved to this folder. */
  leave(path: string): void {
    this.#targets = this.#targets.filter(target => target.path !== path);
  }

  /** Must hold at every moment. @throws if a byte or a name is wrong. */
  check(): void {
    for (const target of this.#targets) {
      target.check();
      target.checkPartials();
    }
  }

  /** @throws unless every queued file is there, and nothing else. */
  checkComplete(): void {
    for (const target of this.#targets) {
      target.checkComplete();
    }
  }

  /** The names, sizes and times of all files, as one text to compare. */
  look(): string {
    const files = this.#targets.flatMap(({path}) =>
      readdirSync(path, {recursive: true, withFileTypes: true})
        .map(entry => join(entry.parentPath, entry.name))
        .map(file => ({file, look: lstatSync(file, {bigint: true, throwIfNoEntry: false})}))
        .map(({file, look}) =>
          [file, look?.ino, look?.size, look?.mtimeNs, look?.ctimeNs].join(' '),
        ),
    );
    return files.sort().join('\n');
  }

  /** Delete all of them. */
  clear(): void {
    for (const {path} of this.#targets.splice(0)) {
      rmSync(path, {recursive: true, force: true});
    }
  }
}
