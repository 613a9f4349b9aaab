import {type FileState, isFresh, mtimeMsOf, stateKeyOf, versionOf} from './root/file-state.ts';

/** The facts of a file that a store gives, from its state. */
export abstract class FileFacts {
  readonly size: number;
  readonly version: string;
  readonly path: string;
  readonly #state: FileState;
  readonly #isFresh: boolean;

  constructor(path: string, state: FileState) {
    this.path = path;
    this.#state = state;
    // Computed now, because later a change after this point would look like one before it.
    this.#isFresh = isFresh(state, Date.now());
    this.size = Number(state.size);
    this.version = versionOf(state);
  }

  get mtimeMs(): number {
    return mtimeMsOf(this.#state);
  }

  get state(): string | undefined {
    return this.#isFresh ? undefined : stateKeyOf(this.#state);
  }
}

/** The path below the server's root of `path` in the folder `below`. A key only: it may exceed the limits for clients. */
export function pathBelow(below: string, path: string): string {
  return below === '' ? path : `${below}/${path}`;
}
