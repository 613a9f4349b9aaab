import type {Row} from './row.ts';

/** Most rows that can be restored, the newest ones, because a queue may have had millions. */
export const mostCleared = 10_000;

/** Cleared rows in their last state, so that they can be restored while this process runs. */
export class ClearedRows {
  /** In the order in which they were cleared. */
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

  /** Remove and return the kept rows with these ids. */
  take(ids: readonly number[]): Row[] {
    return ids.flatMap(id => {
      const row = this.#rows.get(id);
      this.#rows.delete(id);
      return row ?? [];
    });
  }
}
