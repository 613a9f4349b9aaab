/**
 * Which process works on a queue: the one that has the lease. The database says which one that is,
 * for people alone.
 */
import type {Holder} from '../database/locks/places.ts';
import type {SystemLock} from '../database/locks/system-lock.ts';
import type {QueueStore} from '../database/queue-store.ts';

export class QueueLease implements Disposable {
  readonly #store: QueueStore;
  readonly #server: string;
  readonly #lock: SystemLock;
  #worker: Holder | undefined;
  // Whether the database says that this process works on the queue.
  #announced = false;

  /** @param server whose queue this is, as `host:port`. The store stays the caller's. */
  constructor(store: QueueStore, server: string) {
    this.#store = store;
    this.#server = server;
    this.#lock = store.lease(server);
  }

  /**
   * Work on the queue from now on, if no other process does. @returns whether this one does.
   *
   * @throws the system's error where there can be no lease: its folder cannot be written.
   */
  take(): boolean {
    return this.#lock.take();
  }

  /** As `take`; false where the disk of the locks fails. */
  tryToTake(): boolean {
    try {
      return this.take();
    } catch {
      return false;
    }
  }

  /** Say in the database, once, that this process works on the queue. Where that fails, the next call does. */
  announce(): void {
    try {
      if (!this.#announced) {
        this.#store.worksOn(this.#server);
        this.#announced = true;
      }
    } catch {
      // The database is full, or another process holds it.
    }
  }

  /** The process that worked on the queue when `findWorker` was called last. */
  get worker(): Holder | undefined {
    return this.#worker;
  }

  /** Read which process works on the queue. @returns whether it is another than before. */
  findWorker(): boolean {
    const before = this.#worker;
    try {
      this.#worker = this.#store.workerOf(this.#server);
    } catch {
      // The next call reads it.
    }

    return this.#worker?.pid !== before?.pid || this.#worker?.host !== before?.host;
  }

  [Symbol.dispose](): void {
    this.#lock[Symbol.dispose]();
  }
}
