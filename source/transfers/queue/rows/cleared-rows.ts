import type {Row} from './row.ts';

/** Rows that can be brought back, the newest: a queue may have had millions. */
export const mostCleared = 10_000;

/** Rows that were cleared, as they were, so that they can be brought back while this process runs. */
export class ClearedRows {
  /** The one that was cleared last stands last. */
  readonly #rows = new Map<number, Row>();

  keep(rows: readonly Row[]): void {
    for (const row of rows.slice(-mostCleared)) {
      this.#rows.delete(row.id);
      this.#rows.set(row.id, row);
    }

    for (const id of this.#rows.keys()) {
      if (this.#rows.size <= mostCleared) {
        return;
      }

      this.#rows.delete(id);
    }
  }

  /** The rows with these ids that are kept; they are kept no more. */
  take(ids: readonly number[]): Row[] {
    return ids.flatMap(id => {
      const row = this.#rows.get(id);
      this.#rows.delete(id);
      return row ?? [];
    });
  }
}
