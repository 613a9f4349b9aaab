/** The limits that all clients share which share a queue, as they are kept in its database. */
import type {DatabaseSync} from 'node:sqlite';
import {isLimit, type LimitName, type Limits, limitNames} from '../terms/limits.ts';

export class StoredLimits {
  readonly #db: DatabaseSync;

  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  /** Those that are stored and make sense; only what was stored after the change `seq`. */
  read(seq = 0): {limits: Partial<Limits>; seq: number} {
    // Integers can be larger there than numbers here.
    const rows = this.#db
      .prepare(
        `SELECT name, CAST(value AS REAL) AS value, CAST(seq AS REAL) AS seq
          FROM setting WHERE seq > ?`,
      )
      .all(seq);
    const limits = rows.flatMap(row => {
      const name = limitNames.find(known => known === row.name);
      const value = typeof row.value === 'number' ? row.value : undefined;
      return name !== undefined && isLimit(name, value) ? [[name, value] as const] : [];
    });
    return {
      limits: Object.fromEntries(limits),
      seq: Math.max(seq, ...rows.map(row => Number(row.seq))),
    };
  }

  /** Store some of them: every client takes them over. */
  save(limits: Partial<Limits>): void {
    for (const name of Object.keys(limits) as LimitName[]) {
      this.#db
        .prepare(
          `INSERT INTO setting (name, value, seq)
            VALUES (?, ?, (SELECT coalesce(max(seq), 0) + 1 FROM setting))
            ON CONFLICT (name) DO UPDATE SET value = excluded.value, seq = excluded.seq`,
        )
        .run(name, limits[name] ?? null);
    }
  }
}
