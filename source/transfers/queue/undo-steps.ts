/**
 * Steps of users that can be undone, the last one first. They are shared by all processes that use the queue's
 * database, so that a later process has them too.
 */
import type {UndoMemory} from '../database/undo-memory.ts';
import type {UndoStep} from '../terms/undo-step.ts';

const mostSteps = 100;

export class UndoSteps {
  readonly #memory: Pick<UndoMemory, 'add' | 'take'> | undefined;
  readonly #server: string;
  /** Steps of this process that are not in the database. */
  readonly #own: UndoStep[] = [];

  /** @param server the server, as `host:port`. */
  constructor(memory: Pick<UndoMemory, 'add' | 'take'> | undefined, server: string) {
    this.#memory = memory;
    this.#server = server;
  }

  push(step: UndoStep): void {
    this.#own.push(step);
    this.#writeOwn();
    this.#own.splice(0, this.#own.length - mostSteps);
  }

  /** Remove and return the last step; undefined if there is none, or the database cannot be read now. */
  pop(): UndoStep | undefined {
    this.#writeOwn();
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

  /** Write the steps that are not in the database, in their order, as far as that is possible now. */
  #writeOwn(): void {
    while (this.#own[0] !== undefined && this.#write(this.#own[0])) {
      this.#own.shift();
    }
  }

  #write(step: UndoStep): boolean {
    try {
      this.#memory?.add(this.#server, step);
      return this.#memory !== undefined;
    } catch {
      // The disk is full, or another process has locked the database.
      return false;
    }
  }
}
