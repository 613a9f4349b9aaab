/**
 * Decides which process works on a queue: the one that holds the lease. The name of that process in the database is
 * only for users.
 */
import type {Holder} from '../database/locks/places.ts';
import type {SystemLock} from '../database/locks/system-lock.ts';
import type {QueueStore} from '../database/queue-store.ts';

export class QueueLease implements Disposable {
  readonly #store: QueueStore;
  readonly #server: string;
  readonly #lock: SystemLock;
  #worker: Holder | undefined;
  // Whether the database names this process as the worker.
  #announced = false;

  /** @param server the server of the queue, as `host:port`. The caller must close the store. */
  constructor(store: QueueStore, server: string) {
    this.#store = store;
    this.#server = server;
    this.#lock = store.lease(server);
  }

  /**
   * Become the worker, if no other process is. @returns whether this process is the worker.
   *
   * @throws the system's error if there can be no lease, because its folder cannot be written.
   */
  take(): boolean {
    return this.#lock.take();
  }

  /** As `take`; false if the disk with the locks fails. */
  tryToTake(): boolean {
    try {
      return this.take();
    } catch {
      return false;
    }
  }

  /** Write into the database, once, that this process is the worker. If that fails, the next call tries again. */
  announce(): void {
    try {
      if (!this.#announced) {
        this.#store.worksOn(this.#server);
        this.#announced = true;
      }
    } catch {
      // The database is full, or another process has locked it.
    }
  }

  /** The worker that the last call of `findWorker` found. */
  get worker(): Holder | undefined {
    return this.#worker;
  }

  /** Read which process is the worker. @returns whether it has changed. */
  findWorker(): boolean {
    const before = this.#worker;
    try {
      this.#worker = this.#store.workerOf(this.#server);
    } catch {
      // The next call reads it again.
    }

    return this.#worker?.pid !== before?.pid || this.#worker?.host !== before?.host;
  }

  [Symbol.dispose](): void {
    this.#lock[Symbol.dispose]();
  }
}
