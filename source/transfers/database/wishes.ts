/** The table `wish`: wishes of users that the worker of a queue still has to carry out. */
import * as z from 'zod';
import {priorities} from '../terms/priority.ts';
import type {Wish, WishAnswer} from '../terms/wish.ts';
import type {Statements} from './sqlite/statements.ts';

const ids = z.array(z.int().min(0));
const which = z.union([z.literal('all'), ids]);

const wishSchema: z.ZodType<Wish> = z.discriminatedUnion('do', [
  z.object({do: z.enum(['pause', 'resume']), which}),
  z.object({do: z.literal('clear'), which}),
  z.object({do: z.literal('retry'), which: z.union([z.enum(['all', 'failed']), ids])}),
  z.object({do: z.literal('restore'), which: ids}),
  z.object({do: z.literal('cancel'), which, deletePartial: z.boolean()}),
  z.object({do: z.literal('priority'), which, priority: z.enum(priorities)}),
  z.object({do: z.literal('move'), id: z.int().min(0), by: z.int()}),
]);

const answerSchema: z.ZodType<WishAnswer> = z.object({
  ids,
  kept: z.array(z.object({id: z.int(), reason: z.string()})).optional(),
  place: z.int().optional(),
  of: z.int().optional(),
});

export type StoredWish = {id: number; wish: Wish};

/** How long an answer is kept that nobody fetches. */
const keptMs = 24 * 3_600_000;

export class Wishes {
  readonly #statements: Statements;
  readonly #now: () => number;

  constructor(statements: Statements, now: () => number) {
    this.#statements = statements;
    this.#now = now;
  }

  /** Write a wish about transfers of `server`. @returns its number, for `answerOf`. */
  make(server: string, wish: Wish): number {
    const {lastInsertRowid} = this.#statements.run(
      'INSERT INTO wish (server, wish, made_ms) VALUES (?, ?, ?)',
      server,
      JSON.stringify(wish),
      this.#now(),
    );
    return Number(lastInsertRowid);
  }

  /** The wishes that are not carried out yet, the oldest first. Invalid ones are left out. */
  open(server: string): StoredWish[] {
    const rows = this.#statements.all(
      'SELECT id, wish FROM wish WHERE server = ? AND answer IS NULL ORDER BY id',
      server,
    );
    return rows.flatMap(({id, wish}) => {
      const parsed = wishSchema.safeParse(json(wish));
      return parsed.success ? {id: Number(id), wish: parsed.data} : [];
    });
  }

  /** Store the answer to a wish that was carried out, for the process that waits for it. */
  answer(id: number, answer: WishAnswer): void {
    this.#statements.run('UPDATE wish SET answer = ? WHERE id = ?', JSON.stringify(answer), id);
  }

  /** The answer to a wish; undefined if there is none yet. */
  answerOf(id: number): WishAnswer | undefined {
    const row = this.#statements.get('SELECT answer FROM wish WHERE id = ?', id);
    const parsed = answerSchema.safeParse(json(row?.answer));
    return parsed.success ? parsed.data : undefined;
  }

  forget(id: number): void {
    this.#statements.run('DELETE FROM wish WHERE id = ?', id);
  }

  /** Delete answers that nobody has fetched for too long. */
  prune(): void {
    this.#statements.run(
      'DELETE FROM wish WHERE answer IS NOT NULL AND abs(? - made_ms) > ?',
      this.#now(),
      keptMs,
    );
  }
}

function json(text: unknown): unknown {
  try {
    return typeof text === 'string' ? JSON.parse(text) : undefined;
  } catch {
    return undefined;
  }
}
