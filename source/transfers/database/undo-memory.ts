/**
 * The table `undo_step`: steps of users that any process can take back, as long as the database has the rows that
 * they cleared.
 */
import * as z from 'zod';
import type {UndoStep} from '../terms/undo-step.ts';
import type {Statements} from './sqlite/statements.ts';

/** The newest ones of each server are kept, but not longer than cleared rows are. */
const mostSteps = 100;

const stepSchema: z.ZodType<UndoStep> = z.object({
  did: z.enum(['clear', 'cancel']),
  ids: z.array(z.int().min(0)),
  deletedBytes: z.int().min(0),
});

export class UndoMemory {
  readonly #statements: Statements;
  readonly #keptMs: number;
  readonly #now: () => number;

  /** @param keptMs how long cleared rows are kept, in milliseconds. */
  constructor(statements: Statements, keptMs: number, now: () => number) {
    this.#statements = statements;
    this.#keptMs = keptMs;
    this.#now = now;
  }

  /** A user of the queue of `server` did this. @throws what SQLite throws. */
  add(server: string, step: UndoStep): void {
    this.#statements.transaction(() => {
      const {lastInsertRowid} = this.#statements.run(
        'INSERT INTO undo_step (server, step, made_ms) VALUES (?, ?, ?)',
        server,
        JSON.stringify(step),
        this.#now(),
      );
      this.#statements.run(
        `DELETE FROM undo_step WHERE server = ?1 AND id <=
          (SELECT id FROM undo_step WHERE server = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2) AND id < ?3`,
        server,
        mostSteps,
        lastInsertRowid,
      );
    });
  }

  /** The last step that is left; no other process gets it any more. @throws what SQLite throws. */
  take(server: string): UndoStep | undefined {
    return this.#statements.transaction(() => {
      for (;;) {
        const row = this.#statements.get(
          `DELETE FROM undo_step WHERE id = (SELECT max(id) FROM undo_step
            WHERE server = ? AND abs(? - made_ms) <= ?) RETURNING step`,
          server,
          this.#now(),
          this.#keptMs,
        );
        if (row === undefined) {
          return undefined;
        }

        const step = stepSchema.safeParse(json(row.step));
        if (step.success) {
          return step.data;
        }
      }
    });
  }

  /** Forget steps whose rows may be gone. */
  prune(): void {
    this.#statements.run(
      'DELETE FROM undo_step WHERE abs(? - made_ms) > ?',
      this.#now(),
      this.#keptMs,
    );
  }
}

function json(text: unknown): unknown {
  try {
    return JSON.parse(String(text));
  } catch {
    return undefined;
  }
}
