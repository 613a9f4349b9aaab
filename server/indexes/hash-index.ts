/** The latest results of `hash`, in memory, each for one state of a file. */
import type {HashQuestion, StoredFile} from '../store/store.ts';

const defaultLimit = 4096;

export class HashIndex {
  readonly #limit: number;
  // In the order of use, the least recent first.
  readonly #results = new Map<string, string>();

  /** @param limit how many results to keep. */
  constructor(limit = defaultLimit) {
    this.#limit = limit;
  }

  /** The hash in hexadecimal, if it is known. */
  get(file: StoredFile, question: HashQuestion): string | undefined {
    const key = keyOf(file, question);
    const result = key === undefined ? undefined : this.#results.get(key);
    if (key !== undefined && result !== undefined) {
      this.#results.delete(key);
      this.#results.set(key, result);
    }

    return result;
  }

  /** Keep a result, unless the file has just changed. */
  set(file: StoredFile, question: HashQuestion, digest: string): void {
    const key = keyOf(file, question);
    if (key === undefined) {
      return;
    }

    this.#results.set(key, digest);
    for (const oldest of this.#results.keys()) {
      if (this.#results.size <= this.#limit) {
        return;
      }

      this.#results.delete(oldest);
    }
  }
}

function keyOf(file: StoredFile, {algorithm, length}: HashQuestion): string | undefined {
  const {path, state} = file;
  return state === undefined ? undefined : `${algorithm}:${length}:${state}:${path}`;
}
