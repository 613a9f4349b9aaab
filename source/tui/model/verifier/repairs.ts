/** Follows files that differed through the queue, until each is repaired or is not going to be. */
import type {RemotePath} from '../../../../protocol/remote-path.ts';
import type {Queue} from '../../../transfers/queue/queue.ts';
import {isSettled} from '../../../transfers/terms/transfer-state.ts';
import type {ComparedRow} from './result-rows.ts';

export class Repairs {
  readonly #queue: Pick<Queue, 'find' | 'subscribe' | 'totals'>;
  /** Files that are being repaired, with their copies. */
  readonly #running = new Map<RemotePath, string>();
  readonly #done = new Set<RemotePath>();
  /** How many calls of `begin` have not ended. */
  #beginning = 0;
  /** The number of ended transfers at the last check. */
  #ended = 0;
  readonly #unsubscribe: () => void;

  constructor(queue: Pick<Queue, 'find' | 'subscribe' | 'totals'>) {
    this.#queue = queue;
    this.#unsubscribe = queue.subscribe(() => this.#queueChanged());
  }

  /** Files that are being repaired, or were. */
  get count(): number {
    return this.#done.size + this.#running.size;
  }

  /** Files that were repaired. */
  get done(): number {
    return this.#done.size;
  }

  /** Whether the file is being repaired, or was. */
  has(path: RemotePath): boolean {
    return this.#done.has(path) || this.#running.has(path);
  }

  /** Let `enqueue` put `rows` into the queue. As soon as each is done there, it is repaired. */
  async begin(rows: readonly ComparedRow[], enqueue: () => Promise<void>): Promise<void> {
    for (const {path, copy} of rows) {
      this.#running.set(path, copy.file);
    }

    this.#beginning++;
    try {
      await enqueue();
    } catch (error) {
      for (const {path} of rows) {
        this.#running.delete(path);
      }

      throw error;
    } finally {
      this.#beginning--;
      this.#look();
    }
  }

  /** Forget all files. */
  clear(): void {
    this.#running.clear();
    this.#done.clear();
  }

  close(): void {
    this.#unsubscribe();
  }

  /** Many files may be repaired: look at them only if a transfer has ended, or was removed. */
  #queueChanged(): void {
    const {done, failed, canceled} = this.#queue.totals();
    const ended = done + failed + canceled;
    if (ended !== this.#ended) {
      this.#ended = ended;
      this.#look();
    }
  }

  #look(): void {
    // Until all repairs are queued, the last transfer of a file may be an earlier one.
    for (const [path, file] of this.#beginning > 0 ? [] : this.#running) {
      const transfer = this.#queue.find(path);
      if (transfer === undefined || isSettled(transfer.state)) {
        this.#running.delete(path);
        if (transfer?.target === file && transfer.state.name === 'done') {
          this.#done.add(path);
        }
      }
    }
  }
}
