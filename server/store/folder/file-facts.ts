import {type FileState, isFresh, mtimeMsOf, stateKeyOf, versionOf} from './root/file-state.ts';

/** The facts that a store tells of a file, from its state. */
export abstract class FileFacts {
  readonly size: number;
  readonly version: string;
  readonly path: string;
  readonly #state: FileState;
  readonly #isFresh: boolean;

  constructor(path: string, state: FileState) {
    this.path = path;
    this.#state = state;
    // Now: a change between this look and a later question would be taken for one before the look.
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

/** `path` in a folder that is at `below` in the root of the server. It is a key, and may be longer than clients may ask for. */
export function pathBelow(below: string, path: string): string {
  return below === '' ? path : `${below}/${path}`;
}
