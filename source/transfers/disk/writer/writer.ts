/**
 * The writer of this process, which writes small files beside it: started when there are many, ended when
 * it has had none for a while. All of it may fail: then this process writes them itself.
 *
 * Why there is one: most of what a small file costs here are the calls that make and name it. A process
 * whose current folder is theirs needs half of the time for them (a thread cannot have one of its own), and
 * this process receives the next files meanwhile, on another core.
 */
import {availableParallelism} from 'node:os';
import {onLinux} from '../folders/held-folder.ts';
import {WriterProcess} from './writer-process.ts';

/** Small files after which it is started: a start costs another core as much as writing a thousand of them. */
const startAfter = 512;

const idleMs = 2000;

/** Elsewhere it cannot enter folders of this process; with one core, both would only wait for each other. */
const isOfUse = onLinux && availableParallelism() > 1;

/** One that ends by itself is started again, but not for ever. */
const mostStarts = 3;

export class Writer {
  readonly #startAfter: number;
  #process: WriterProcess | undefined;
  #starts = 0;
  #files = 0;
  #groups = 0;
  #timer: NodeJS.Timeout | undefined;

  /** @param after small files after which it is started. */
  constructor(after = startAfter) {
    this.#startAfter = after;
  }

  /** Small files are about to come: if there were many by now, it is started. */
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

  /** Undefined if it cannot be started: then this process writes. */
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
      // No descriptor, or no memory, for one more process.
    }

    return started;
  }

  /**
   * Begin to use it for a group of files, until `letGo`.
   *
   * @returns undefined if there is none, or none yet.
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

  /** End it, if there is one: it is started again when there are many files. */
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

/** The one of this process. */
export const writer = new Writer();
