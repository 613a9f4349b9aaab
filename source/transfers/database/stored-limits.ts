/** The limits that all clients of a queue share, as stored in its database. */
import {isLimit, type LimitName, type Limits, limitNames} from '../terms/limits.ts';
import type {Statements} from './sqlite/statements.ts';

export class StoredLimits {
  readonly #statements: Statements;

  constructor(statements: Statements) {
    this.#statements = statements;
  }

  /** Limits that were stored after the change `seq`, and the number of the last change. Invalid limits are left out. */
  read(seq = 0): {limits: Partial<Limits>; seq: number} {
    // SQLite integers can be larger than a JavaScript number.
    const rows = this.#statements.all(
      `SELECT name, CAST(value AS REAL) AS value, CAST(seq AS REAL) AS seq
        FROM setting WHERE seq > ?`,
      seq,
    );
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

  /** Store some limits: every client adopts them. */
  save(limits: Partial<Limits>): void {
    for (const name of Object.keys(limits) as LimitName[]) {
      this.#statements.run(
        `INSERT INTO setting (name, value, seq)
          VALUES (?, ?, (SELECT coalesce(max(seq), 0) + 1 FROM setting))
          ON CONFLICT (name) DO UPDATE SET value = excluded.value, seq = excluded.seq`,
        name,
        limits[name] ?? null,
      );
    }
  }
}
