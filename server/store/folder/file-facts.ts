import {type FileState, identityOf, isFresh, mtimeMsOf, versionOf} from './root/file-state.ts';

/** The facts that a store tells of a file, from its state. */
export abstract class FileFacts {
  readonly size: number;
  readonly version: string;
  readonly #state: FileState;

  constructor(state: FileState) {
    this.#state = state;
    this.size = Number(state.size);
    this.version = versionOf(state);
  }

  get mtimeMs(): number {
    return mtimeMsOf(this.#state);
  }

  get identity(): string | undefined {
    return isFresh(this.#state, Date.now()) ? undefined : identityOf(this.#state);
  }
}
