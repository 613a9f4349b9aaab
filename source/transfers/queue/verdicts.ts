/**
 * The verdicts on local files compared with files of the queue's server, from downloads or the verifier. If there is a
 * database, they are stored there, for all processes.
 */
import type {VerdictMemory} from '../database/verdict-memory.ts';
import type {Verdict} from '../terms/verdict.ts';

/** Most verdicts kept in memory, while the database cannot be written or if there is none. */
const mostUnwritten = 10_000;

const againMs = 500;

export class Verdicts implements Disposable {
  readonly #memory: VerdictMemory | undefined;
  readonly #server: string;
  /** Verdicts that are not in the database, by absolute path, the oldest first. */
  readonly #unwritten = new Map<string, Verdict>();
  readonly #listeners = new Set<() => void>();
  #isDue = false;
  #timer: NodeJS.Timeout | undefined;

  /** @param server the server, as `host:port`. */
  constructor(memory: VerdictMemory | undefined, server: string) {
    this.#memory = memory;
    this.#server = server;
  }

  /** The last verdict on `file`, an absolute path. The caller must check by its states whether it still holds. */
  recall(file: string): Verdict | undefined {
    const unwritten = this.#unwritten.get(file);
    if (unwritten !== undefined) {
      return unwritten;
    }

    try {
      return this.#memory?.recall(this.#server, file);
    } catch {
      // If the database cannot be read now, this only costs a comparison.
      return undefined;
    }
  }

  /** Calls `listener` when other processes may have stored verdicts. @returns a function that removes it. */
  onNews(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Another process has written to the database. */
  news(): void {
    for (const listener of this.#listeners) {
      listener();
    }
  }

  remember(file: string, verdict: Verdict): void {
    this.#unwritten.delete(file);
    this.#unwritten.set(file, verdict);
    const [oldest] = this.#unwritten.keys();
    if (oldest !== undefined && this.#unwritten.size > mostUnwritten) {
      this.#unwritten.delete(oldest);
    }

    if (this.#memory !== undefined && !this.#isDue) {
      // The verdicts of one turn are written together, before the rows of their transfers are stored as done.
      this.#isDue = true;
      queueMicrotask(() => this.#write());
    }
  }

  /** Write the unwritten verdicts. */
  [Symbol.dispose](): void {
    if (this.#memory !== undefined && this.#unwritten.size > 0) {
      this.#write();
    }

    clearTimeout(this.#timer);
  }

  #write(): void {
    this.#isDue = false;
    clearTimeout(this.#timer);
    try {
      this.#memory?.remember(this.#server, this.#unwritten);
      this.#unwritten.clear();
    } catch {
      // The disk is full, or another process has locked the database: they are written later.
      this.#isDue = true;
      this.#timer = setTimeout(() => this.#write(), againMs).unref();
    }
  }
}
