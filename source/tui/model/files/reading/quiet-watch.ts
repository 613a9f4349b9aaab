/** Default time without entries before the user is told how to stop waiting. */
const defaultQuietMs = 60_000;

/** Notices that a folder is being read, and that no entry has come for a while. */
export class QuietWatch {
  readonly #quietMs: number;
  readonly #changed: () => void;
  #timer: NodeJS.Timeout | undefined;
  #isQuiet = false;

  /** @param changed is called when nothing has come for `quietMs`. */
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

  /** The reading has ended. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#isQuiet = false;
  }
}
