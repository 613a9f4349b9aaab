import {lstatSync} from 'node:fs';
import * as z from 'zod';
import {sqlite} from '../../../../protocol/program/sqlite.ts';
import {storedStates} from '../stored-state.ts';

/** More IDs than a user could choose from. */
const mostRows = 1000;

/** How long to wait for another process that has locked the database: a user waits at a prompt. */
const patienceMs = 200;

const rowSchema = z.object({id: z.int().positive(), state: z.enum(storedStates), path: z.string()});

/**
 * The first transfers in `states` that the database at `file` has now. The database is not created, migrated or
 * written; if it cannot be read, there are no transfers.
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
