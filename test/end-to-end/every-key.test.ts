import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import {standardKeys} from '../../source/tui/keys/keymap.ts';
import {panes} from '../../source/tui/model/layout.ts';
import {filesTable} from './every-key/files-table.ts';
import {type KeyTable, walkThrough} from './every-key/key-table.ts';
import {serversTable} from './every-key/servers-table.ts';
import {transfersMoves, transfersTable} from './every-key/transfers-table.ts';
import {verifierMoves, verifierShared, verifierTable} from './every-key/verifier-table.ts';

const sizes = [
  {columns: 120, rows: 40},
  {columns: 80, rows: 24},
  {columns: 60, rows: 15},
] as const;

const tables: readonly KeyTable[] = [
  filesTable,
  transfersTable,
  transfersMoves,
  verifierTable,
  verifierMoves,
  verifierShared,
  serversTable,
];

suite('each key of the interface has its effect on the screen', () => {
  test('each action has a row with all of its keys', () => {
    const rowsOf = (
      place: string,
      rows: ReadonlyArray<{action: string; keys: readonly string[]}>,
    ) => rows.flatMap(({action, keys}) => keys.map(key => `${place}: ${action}: ${key}`));
    // An action of all panes has a row for each pane.
    const all = standardKeys.bindings.flatMap(one =>
      (one.pane === undefined ? panes : [one.pane]).flatMap(pane => rowsOf(pane, [one])),
    );
    assert.deepEqual(
      tables.flatMap(({place, rows}) => rowsOf(place, rows)).sort(),
      [...all, ...rowsOf('servers', standardKeys.servers)].sort(),
    );
  });

  for (const size of sizes) {
    for (const table of tables) {
      test(`${table.place}, at ${size.columns} x ${size.rows}`, t => walkThrough(t, table, size));
    }
  }
});
