/**
 * Looks for the local copies of the files that somebody has on the screen: two at a time, so that a disk
 * that hangs leaves threads for the work of others, and the newest question first.
 */
import type {RemotePath} from '../../../../protocol/remote-path.ts';
import {type CopyLook, type CopyQuestion, type FolderLooks, lookForCopy} from './copy-look.ts';

/** Calls that may hang at once; Node has four threads for them, which also write and flush. */
const mostAtOnce = 2;

/** A look that takes so long is said to hang. */
const stuckMs = 1000;

type CopyLooksListener = {
  found(question: CopyQuestion, look: CopyLook): void;
  /** The disk answers no more, or again; see `isStuck`. */
  stuck(): void;
};

export class CopyLooks {
  readonly #listener: CopyLooksListener;
  readonly #look: typeof lookForCopy;
  readonly #running = new Set<RemotePath>();
  #waiting = new Map<RemotePath, CopyQuestion>();
  #folders: FolderLooks = new Map();
  #timer: NodeJS.Timeout | undefined;
  #isStuck = false;
  #closed = false;

  /** @param look Default: at the disk. */
  constructor(listener: CopyLooksListener, look = lookForCopy) {
    this.#listener = listener;
    this.#look = look;
  }

  /** Whether no look has ended for a second although some are under way. */
  get isStuck(): boolean {
    return this.#isStuck;
  }

  /** Look for these, in this order; questions that still wait are forgotten. */
  ask(questions: readonly CopyQuestion[]): void {
    this.#waiting = new Map(questions.map(question => [question.path, question]));
    this.#start();
  }

  /** Look for these before all others. */
  askFirst(questions: readonly CopyQuestion[]): void {
    const first = new Map(questions.map(question => [question.path, question]));
    const others = [...this.#waiting].filter(([path]) => !first.has(path));
    this.#waiting = new Map([...first, ...others]);
    this.#start();
  }

  /** Nothing is told any more. */
  close(): void {
    this.#closed = true;
    this.#waiting.clear();
    clearTimeout(this.#timer);
  }

  #start(): void {
    for (const question of this.#waiting.values()) {
      if (this.#running.size >= mostAtOnce) {
        break;
      }

      // One that is under way began before this was asked: it is looked for again when that has ended.
      if (!this.#running.has(question.path)) {
        this.#waiting.delete(question.path);
        void this.#run(question);
      }
    }

    if (this.#running.size === 0) {
      // What holds for one round may not hold for the next.
      this.#folders = new Map();
    }
  }

  async #run(question: CopyQuestion): Promise<void> {
    const {path} = question;
    this.#running.add(path);
    this.#timer ??= setTimeout(() => this.#tellStuck(true), stuckMs).unref();
    const look = await this.#look(question, this.#folders);
    this.#running.delete(path);
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#closed) {
      return;
    }

    this.#tellStuck(false);
    if (this.#running.size > 0) {
      this.#timer = setTimeout(() => this.#tellStuck(true), stuckMs).unref();
    }

    this.#listener.found(question, look);
    this.#start();
  }

  #tellStuck(isStuck: boolean): void {
    if (isStuck !== this.#isStuck) {
      this.#isStuck = isStuck;
      this.#listener.stuck();
    }
  }
}
