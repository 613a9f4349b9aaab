/** The table `undo_step`: steps of users that any process can undo while the database still has the cleared rows. */
import * as z from 'zod';
import type {UndoStep} from '../terms/undo-step.ts';
import type {Statements} from './sqlite/statements.ts';

/** Most steps kept for each server. No step is kept longer than cleared rows are. */
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

  /** Record a step that a user made in the queue of `server`. @throws the error of SQLite. */
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

  /** Take the last step, so that no other process gets it. @throws the error of SQLite. */
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

  /** Delete steps whose rows may be gone. */
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
