/**
 * Looks for the local copies of the files on the screen. Two lookups run at a time, so that a hanging disk leaves
 * threads for other work. The newest questions come first.
 */
import type {RemotePath} from '../../../../protocol/remote-path.ts';
import {type CopyLook, type CopyQuestion, type FolderLooks, lookForCopy} from './copy-look.ts';

/** Most calls that may hang at once. Node has four threads for such calls, which also write and flush. */
const mostAtOnce = 2;

/** A lookup that takes this long counts as hanging. */
const stuckMs = 1000;

type CopyLooksListener = {
  found(question: CopyQuestion, look: CopyLook): void;
  /** The disk has stopped answering, or answers again; see `isStuck`. */
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

  /** @param look Default: look at the disk. */
  constructor(listener: CopyLooksListener, look = lookForCopy) {
    this.#listener = listener;
    this.#look = look;
  }

  /** Whether lookups are running and none has ended for a second. */
  get isStuck(): boolean {
    return this.#isStuck;
  }

  /** Look for these copies, in this order. Earlier questions that still wait are dropped. */
  ask(questions: readonly CopyQuestion[]): void {
    this.#waiting = new Map(questions.map(question => [question.path, question]));
    this.#start();
  }

  /** Look for these copies before all others. */
  askFirst(questions: readonly CopyQuestion[]): void {
    const first = new Map(questions.map(question => [question.path, question]));
    const others = [...this.#waiting].filter(([path]) => !first.has(path));
    this.#waiting = new Map([...first, ...others]);
    this.#start();
  }

  /** Report nothing from now on. */
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

      // A running lookup began before this question: the lookup is repeated when it has ended.
      if (!this.#running.has(question.path)) {
        this.#waiting.delete(question.path);
        void this.#run(question);
      }
    }

    if (this.#running.size === 0) {
      // The folders may have changed before the next round.
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
