/** The running transfers. Each slot has one larger file, or small ones that run together. */
import type {Download} from '../../download/download.ts';
import type {BlockView} from '../../terms/block-view.ts';
import {type Limits, lanesFor} from '../../terms/limits.ts';
import {isSmall, type Row, sizeOf} from '../rows/row.ts';
import type {Rows} from '../rows/rows.ts';
import type {Runner} from './runner.ts';

type SlotsListener = {
  failed(id: number, error: unknown): void;
  /** No work on this transfer continues. */
  ended(id: number): void;
  /** A slot is free, and its transfers have ended. */
  freed(): void;
};

/** Work on some rows, until `ended`; `stop` ends it early. */
type Run = {readonly ids: readonly number[]; stop(): void; ended: Promise<void>};

export class Slots {
  readonly #rows: Rows;
  readonly #runner: Runner;
  readonly #listener: SlotsListener;
  readonly #runs = new Map<number, Run>();
  readonly #downloads = new Map<number, Download>();
  #count = 0;

  constructor(rows: Rows, runner: Runner, listener: SlotsListener) {
    this.#rows = rows;
    this.#runner = runner;
    this.#listener = listener;
  }

  /** Number of slots in use. */
  get count(): number {
    return this.#count;
  }

  /** Ids of the transfers in the slots. */
  get ids(): Iterable<number> {
    return this.#runs.keys();
  }

  has(id: number): boolean {
    return this.#runs.has(id);
  }

  /** Run one larger file, or small files together, in a new slot. */
  start(rows: readonly Row[], isWanted: (id: number) => boolean): void {
    this.#count++;
    const stop = new AbortController();
    const ids = rows.map(({id}) => id);
    const run: Run = {
      ids,
      // A group of small files stops when none of them is wanted any more.
      stop() {
        if (!ids.some(isWanted)) {
          stop.abort();
        }
      },
      ended: Promise.resolve(),
    };
    for (const id of ids) {
      this.#runs.set(id, run);
    }

    run.ended = this.#runToEnd(rows, stop.signal);
  }

  /** A transfer is no longer wanted: stop its run, unless other transfers share it. */
  stop(id: number): void {
    this.#runs.get(id)?.stop();
  }

  /** Resolves when all current runs have ended. */
  async ended(): Promise<void> {
    await Promise.allSettled([...new Set(this.#runs.values())].map(run => run.ended));
  }

  /** The blocks of a larger running file, once it is known which are on disk. */
  blocksOf(id: number): BlockView | undefined {
    return this.#downloads.get(id)?.blocks;
  }

  /** Share the connections among the larger files. */
  balance(limits: Limits): void {
    for (const [id, download] of this.#downloads) {
      const row = this.#rows.get(id);
      const size = row === undefined ? undefined : sizeOf(row);
      download.lanes = lanesFor(limits, this.#count, size ?? 0, this.#runner.servers);
    }
  }

  async #runToEnd(rows: readonly Row[], signal: AbortSignal): Promise<void> {
    const [row] = rows;
    try {
      if (row !== undefined && !isSmall(row)) {
        await this.#runner.runLarge(row, signal, download => this.#downloads.set(row.id, download));
      } else {
        await this.#runner.runSmall(rows, signal);
      }
    } catch (error) {
      for (const {id} of rows) {
        this.#listener.failed(id, error);
      }
    }

    this.#count--;
    for (const {id} of rows) {
      this.#runs.delete(id);
      this.#downloads.delete(id);
      this.#listener.ended(id);
    }

    this.#listener.freed();
  }
}
