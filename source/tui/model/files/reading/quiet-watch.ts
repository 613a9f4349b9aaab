/** So long nothing comes before the user is told how to stop waiting, by default. */
const defaultQuietMs = 60_000;

/** Notices that a folder is being read, and that nothing of it has come for a while. */
export class QuietWatch {
  readonly #quietMs: number;
  readonly #changed: () => void;
  #timer: NodeJS.Timeout | undefined;
  #isQuiet = false;

  /** @param changed is called when it becomes quiet: nothing has come for `quietMs`. */
  constructor(changed: () => void, quietMs = defaultQuietMs) {
    this.#quietMs = quietMs;
    this.#changed = changed;
  }

  get isQuiet(): boolean {
    return this.#isQuiet;
  }

  /** The reading begins, or entries have come. */
  heard(): void {
    this.stop();
    this.#timer = setTimeout(() => {
      this.#isQuiet = true;
      this.#changed();
    }, this.#quietMs);
  }

  /** The folder is not read any more. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#isQuiet = false;
  }
}
