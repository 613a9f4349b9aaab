/**
 * Steps of users that can be taken back, the last one first: those of all processes that share the queue's database, so
 * that a process which begins later has them, too.
 */
import type {UndoMemory} from '../database/undo-memory.ts';
import type {UndoStep} from '../terms/undo-step.ts';

const mostSteps = 100;

export class UndoSteps {
  readonly #memory: UndoMemory | undefined;
  readonly #server: string;
  /** Steps of this process that are in no database. */
  readonly #own: UndoStep[] = [];

  /** @param server as `host:port`. */
  constructor(memory: UndoMemory | undefined, server: string) {
    this.#memory = memory;
    this.#server = server;
  }

  push(step: UndoStep): void {
    if (!this.#write(step)) {
      this.#own.push(step);
      this.#own.splice(0, this.#own.length - mostSteps);
    }
  }

  /** The last step, which is one no more; undefined: there is none, or the database cannot be read now. */
  pop(): UndoStep | undefined {
    const own = this.#own.pop();
    if (own !== undefined) {
      return own;
    }

    try {
      return this.#memory?.take(this.#server);
    } catch {
      return undefined;
    }
  }

  #write(step: UndoStep): boolean {
    try {
      this.#memory?.add(this.#server, step);
      return this.#memory !== undefined;
    } catch {
      // The disk is full, or another process holds the database.
      return false;
    }
  }
}
