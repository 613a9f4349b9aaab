import {lstatSync} from 'node:fs';
import * as z from 'zod';
import {sqlite} from '../../../../protocol/program/sqlite.ts';
import {storedStates} from '../stored-state.ts';

/** More IDs than anybody chooses from. */
const mostRows = 1000;

/** How long another process may hold the database: a user waits at a prompt. */
const patienceMs = 200;

const rowSchema = z.object({id: z.int().positive(), state: z.enum(storedStates), path: z.string()});

/**
 * The first transfers in `states`, as the database at `file` has them at this moment. It is neither made nor brought
 * to a newer shape, nothing is written, and one that cannot be read has none.
 */
export function glanceAtQueue(
  file: string,
  states: readonly string[],
): z.infer<typeof rowSchema>[] {
  if (lstatSync(file, {throwIfNoEntry: false})?.isFile() !== true) {
    return [];
  }

  const db = new (sqlite().DatabaseSync)(file, {readOnly: true, timeout: patienceMs});
  try {
    const rows = db
      .prepare(
        `SELECT id, state, CAST(remote_path AS TEXT) AS path FROM transfer
          WHERE state IN (SELECT value FROM json_each(?)) ORDER BY id LIMIT ?`,
      )
      .all(JSON.stringify(states), mostRows);
    return rows.flatMap(row => rowSchema.safeParse(row).data ?? []);
  } finally {
    db.close();
  }
}
