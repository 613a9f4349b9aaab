/**
 * The writer of this process, which writes small files in a second process. It is started when there are many small
 * files, and ended when it has had none for a while. If it fails, this process writes the files itself.
 *
 * Why it exists: most of the cost of a small file are the calls that create and rename it. A process whose current
 * folder is the folder of the file needs half of the time for them (a thread has no current folder of its own).
 * Meanwhile this process receives the next files, on another core.
 */
import {availableParallelism} from 'node:os';
import {onLinux} from '../folders/held-folder.ts';
import {WriterProcess} from './writer-process.ts';

/** The writer starts after this many small files: its start costs a core as much as writing a thousand of them. */
const startAfter = 512;

const idleMs = 2000;

/**
 * On other systems it cannot enter folders of this process. With one core, both processes would only wait for each
 * other.
 */
const isOfUse = onLinux && availableParallelism() > 1;

/** A writer that ends by itself is started again, up to this number of starts. */
const mostStarts = 3;

export class Writer {
  readonly #startAfter: number;
  #process: WriterProcess | undefined;
  #starts = 0;
  #files = 0;
  #groups = 0;
  #timer: NodeJS.Timeout | undefined;

  /** @param after number of small files after which the writer is started. */
  constructor(after = startAfter) {
    this.#startAfter = after;
  }

  /** Announce small files. If there were many so far, the writer is started. */
  expect(files: number): void {
    this.#files += files;
    if (
      this.#process === undefined &&
      this.#files >= this.#startAfter &&
      this.#starts < mostStarts &&
      isOfUse
    ) {
      this.#starts++;
      this.#process = this.#start();
    }
  }

  /** Undefined if the writer cannot be started: then this process writes. */
  #start(): WriterProcess | undefined {
    let started: WriterProcess | undefined;
    const ended = () => {
      if (this.#process === started) {
        this.#process = undefined;
        clearTimeout(this.#timer);
      }
    };
    try {
      started = new WriterProcess(() => this.#endWhenIdle(), ended);
    } catch {
      // The system has no descriptor or no memory for one more process.
    }

    return started;
  }

  /**
   * Use the writer for a group of files, until `letGo`.
   *
   * @returns undefined if there is no writer, or it is not ready.
   */
  take(): WriterProcess | undefined {
    if (this.#process?.isReady !== true) {
      return undefined;
    }

    clearTimeout(this.#timer);
    this.#groups++;
    return this.#process;
  }

  letGo(): void {
    if (--this.#groups === 0) {
      this.#endWhenIdle();
    }
  }

  /** End the writer, if there is one. It is started again when there are many files. */
  end(): void {
    clearTimeout(this.#timer);
    if (this.#process !== undefined) {
      this.#process.end();
      this.#process = undefined;
      this.#starts--;
      this.#files = 0;
    }
  }

  #endWhenIdle(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.end(), idleMs).unref();
  }
}

/** The writer of this process. */
export const writer = new Writer();
