/** All rows of the table. */
import {largeRows} from './large-rows.ts';
import {longRows} from './long-rows.ts';
import type {Row} from './row.ts';
import {smallRows} from './small-rows.ts';
import {startRows} from './start-rows.ts';

/** Rows with the same data are neighbours, so that the data is made once for them. */
export const rows: readonly Row[] = Map.groupBy(
  [...startRows, ...largeRows, ...smallRows, ...longRows],
  ({recipe}) => recipe.name,
)
  .values()
  .toArray()
  .flat();

/**
 * The rows with these names, and rows whose names begin with one of them and a dash: `small-again` means three rows.
 * Without names, all rows.
 * @throws an error that names the unknown rows.
 */
export function chooseRows(names: readonly string[]): readonly Row[] {
  const isMeant = (row: Row, name: string) => row.name === name || row.name.startsWith(`${name}-`);
  const unknown = names.filter(name => !rows.some(row => isMeant(row, name)));
  if (unknown.length > 0) {
    throw new Error(
      `Unknown row: ${unknown.map(name => `'${name}'`).join(', ')}. --list shows all rows`,
    );
  }

  return names.length === 0 ? rows : rows.filter(row => names.some(name => isMeant(row, name)));
}
