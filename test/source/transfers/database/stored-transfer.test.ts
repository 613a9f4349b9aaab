import assert from 'node:assert/strict';
import {join} from 'node:path';
import {DatabaseSync, type SQLInputValue} from 'node:sqlite';
import {test} from 'node:test';
import fc from 'fast-check';
import {nameFromBytes} from '../../../../protocol/remote-path.ts';
import {temporaryFolder} from '../../../fixtures/harness.ts';
import {
  addNames,
  namesIn,
  newTransfer,
  openStore,
  storedServer,
} from '../../../fixtures/queue/stored-queue.ts';

test('the local path is read back, whatever parts it shares with the remote path', t => {
  const store = openStore(t, join(temporaryFolder(t), 'queue.db'));
  const raw = nameFromBytes(Buffer.from('\xe9/caf\xe9', 'latin1'));
  const pairs = [
    ['deep/in/a', 'a'],
    ['deep/in/a', 'in/a'],
    ['deep/in/a', 'n/a'],
    ['deep/in/a', 'other'],
    ['deep/in/a', ''],
    [raw, raw],
    [raw, raw.slice(2)],
    ['plain', raw],
    [raw, 'plain'],
    ['\ufffd is a character', '\ufffd'],
  ].map(([remotePath = '', localPath = '']) => ({...newTransfer(remotePath), localPath}));
  store.add(storedServer, pairs);
  assert.deepEqual(
    store.load(storedServer).map(row => row.transfer),
    pairs,
  );
});

/** Columns, and values that a row cannot have in them. */
const nonsense: ReadonlyArray<readonly [string, SQLInputValue]> = [
  ['remote_path', Buffer.from('../../etc')],
  ['remote_path', Buffer.from('/etc')],
  ['remote_path', Buffer.from('a\0b')],
  ['local_path', Buffer.from('../b')],
  ['local_path', Buffer.from('f\0b')],
  ['folder', '/to\0'],
  ['state', 'exploded'],
  ['outcome', 'eaten'],
  ['on_conflict', 'shout'],
  ['priority', 7],
  ['priority', -1],
  ['position', Number.POSITIVE_INFINITY],
  ['size', -1],
  ['size', 2n ** 62n],
  ['priority', 2n ** 62n],
  ['seq', 2n ** 62n],
  ['received_bytes', -1],
  ['verified_bytes', 2n ** 62n],
  ['copied_bytes', -(2n ** 62n)],
  ['bytes_per_second', 2n ** 62n],
  ['name', ''],
  ['name', '..'],
  ['name', 'a/b'],
  ['name', 'a\0b'],
];

test('an invalid row is left out, and the others are read', t => {
  const file = join(temporaryFolder(t), 'queue.db');
  const store = openStore(t, file);
  for (const [column, value] of nonsense) {
    const [bad = 0, good = 0] = addNames(store, ['bad', 'good']);
    const db = new DatabaseSync(file);
    db.prepare(`UPDATE transfer SET ${column} = ? WHERE id = ?`).run(value, bad);
    db.close();
    const what = `${column} ${value}`;
    assert.deepEqual(namesIn(store), ['good'], what);
    assert.equal(store.read([bad, good]).length, 1, what);
    assert.equal(store.changedSince(storedServer, 0).length, 1, what);
    assert.equal(store.load(storedServer, undefined, 1).length, 1, what);
    const again = new DatabaseSync(file);
    again.exec('DELETE FROM transfer');
    again.close();
  }
});

test('no value in a row prevents the rows beside it from being read', t => {
  const file = join(temporaryFolder(t), 'queue.db');
  const store = openStore(t, file);
  const [first = 0, bad = 0, last = 0] = addNames(store, ['first', 'bad', 'last']);
  const db = new DatabaseSync(file);
  t.after(() => db.close());
  const before = db.prepare('SELECT * FROM transfer WHERE id = ?').get(bad) ?? {};
  const kinds: Record<string, fc.Arbitrary<SQLInputValue>> = {
    INTEGER: fc.oneof(fc.integer(), fc.bigInt({min: -(2n ** 63n), max: 2n ** 63n - 1n})),
    REAL: fc.double({noNaN: true}),
    TEXT: fc.oneof(fc.string({unit: 'binary'}), fc.constantFrom('queued', 'running', 'failed')),
    BLOB: fc.uint8Array({maxLength: 12}),
  };
  const columns = db
    .prepare(
      "SELECT name, type FROM pragma_table_info('transfer') WHERE name NOT IN ('id', 'server')",
    )
    .all();
  const change = fc.constantFrom(...columns).chain(({name, type}) => {
    const values = kinds[String(type)];
    assert.ok(values !== undefined, String(type));
    return values.map(value => ({name: String(name), value}));
  });
  fc.assert(
    fc.property(fc.array(change, {minLength: 1, maxLength: 3}), changes => {
      for (const {name, value} of changes) {
        db.prepare(`UPDATE transfer SET ${name} = ? WHERE id = ?`).run(value, bad);
      }

      const ids = store.load(storedServer).map(({id}) => id);
      assert.deepEqual(
        ids.filter(id => id !== bad),
        [first, last],
      );
      store.read([bad]);
      store.changedSince(storedServer, 0);
      for (const {name} of changes) {
        db.prepare(`UPDATE transfer SET ${name} = ? WHERE id = ?`).run(before[name] ?? null, bad);
      }
    }),
    {numRuns: 300},
  );
});
