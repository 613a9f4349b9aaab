/** What is worked on here: each slot has one larger file, or small ones that go together. */
import {type Limits, lanesFor} from '../terms/limits.ts';
import {isRunning} from '../terms/transfer-state.ts';
import type {Row, Run} from './row.ts';
import type {Runner} from './runner.ts';

/** Where slots report. */
export type SlotsListener = {
  begun(row: Row): void;
  failed(row: Row, error: unknown): void;
  /** Nobody works on `row` any more. */
  ended(row: Row): void;
  /** A slot is free, and what was in it has ended. */
  freed(): void;
};

export class Slots {
  readonly #runner: Runner;
  readonly #listener: SlotsListener;
  readonly #rows = new Set<Row>();
  #count = 0;

  constructor(runner: Runner, listener: SlotsListener) {
    this.#runner = runner;
    this.#listener = listener;
  }

  /** Slots that are taken. */
  get count(): number {
    return this.#count;
  }

  /** What is in them. */
  get rows(): ReadonlySet<Row> {
    return this.#rows;
  }

  /** Run one larger file, or small ones together, in a slot of its own. */
  start(rows: readonly Row[]): void {
    this.#count++;
    const stop = new AbortController();
    const run: Run = {
      // What goes together stops when nobody wants any of it.
      abort() {
        if (!rows.some(row => isRunning(row.state))) {
          stop.abort();
        }
      },
      ended: Promise.resolve(),
    };
    for (const row of rows) {
      row.run = run;
      this.#rows.add(row);
      this.#listener.begun(row);
    }

    run.ended = this.#runToEnd(rows, run, stop.signal);
  }

  /** Share the connections out among the large files. */
  balance(limits: Limits): void {
    for (const row of this.#rows) {
      const download = row.run?.download;
      if (download !== undefined) {
        download.lanes = lanesFor(limits, this.#count, row.size ?? 0);
      }
    }
  }

  async #runToEnd(rows: readonly Row[], run: Run, signal: AbortSignal): Promise<void> {
    const [row] = rows;
    try {
      if (row !== undefined && !row.isSmall) {
        await this.#runner.runLarge(row, signal, download => {
          run.download = download;
        });
      } else {
        await this.#runner.runSmall(rows, signal);
      }
    } catch (error) {
      for (const failed of rows) {
        this.#listener.failed(failed, error);
      }
    }

    this.#count--;
    for (const ended of rows) {
      ended.run = undefined;
      this.#rows.delete(ended);
      this.#listener.ended(ended);
    }

    this.#listener.freed();
  }
}
