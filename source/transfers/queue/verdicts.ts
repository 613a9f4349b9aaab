/**
 * How local files compared with those of the server of a queue: by a download, or by the verifier. Kept
 * in the database, where there is one, and there for every process.
 */
import type {VerdictMemory} from '../database/verdict-memory.ts';
import type {Verdict} from '../terms/verdict.ts';

/** Verdicts that are kept in memory, in case the database cannot be written, or there is none. */
const mostUnwritten = 10_000;

const againMs = 500;

export class Verdicts implements Disposable {
  readonly #memory: VerdictMemory | undefined;
  readonly #server: string;
  /** Those that are in no database, the oldest first, by absolute path. */
  readonly #unwritten = new Map<string, Verdict>();
  #isDue = false;
  #timer: NodeJS.Timeout | undefined;

  /** @param server as `host:port`. */
  constructor(memory: VerdictMemory | undefined, server: string) {
    this.#memory = memory;
    this.#server = server;
  }

  /** The last verdict on `file`, an absolute path; whether it still holds, its states say. */
  recall(file: string): Verdict | undefined {
    const unwritten = this.#unwritten.get(file);
    if (unwritten !== undefined) {
      return unwritten;
    }

    try {
      return this.#memory?.recall(this.#server, file);
    } catch {
      // A database that cannot be read now costs a comparison, and no wrong word.
      return undefined;
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
      // Those of one turn go together, and before the rows of their transfers say that they are done.
      this.#isDue = true;
      queueMicrotask(() => this.#write());
    }
  }

  /** Write what is left to write. */
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
      // The disk is full, or another process holds the database: they are written later.
      this.#isDue = true;
      this.#timer = setTimeout(() => this.#write(), againMs).unref();
    }
  }
}
