import assert from 'node:assert/strict';
import {copyFileSync} from 'node:fs';
import {hostname} from 'node:os';
import {join} from 'node:path';
import process from 'node:process';
import {DatabaseSync} from 'node:sqlite';
import {type TestContext, test} from 'node:test';
import {isJangadaError} from '../../../../../protocol/errors.ts';
import {nameFromBytes} from '../../../../../protocol/remote-path.ts';
import {QueueStore} from '../../../../../source/transfers/database/queue-store.ts';
import {temporaryFolder} from '../../../../fixtures/harness.ts';
import {startProcess} from '../../../../fixtures/queue/store-process.ts';
import {addNames, openStore, storedServer} from '../../../../fixtures/queue/stored-queue.ts';

const released = new URL('../../../../fixtures/databases/queue-3.db', import.meta.url);

/** Shortly after the released program has written the database, so that nothing in it is old enough to be pruned. */
const nowMs = 1_790_000_060_000;

/** A copy of the database that a released program has written, in version 3. */
function releasedQueue(t: TestContext): string {
  const file = join(temporaryFolder(t), 'queue.db');
  copyFileSync(released, file);
  return file;
}

function change(file: string, sql: string): void {
  const db = new DatabaseSync(file);
  db.exec(sql);
  db.close();
}

function versionOf(file: string): unknown {
  const db = new DatabaseSync(file);
  try {
    return db.prepare('PRAGMA user_version').get()?.user_version;
  } finally {
    db.close();
  }
}

/** The tables of version 1 as released, and the changes of version 2. */
const firstVersion = `
  CREATE TABLE transfer (id INTEGER PRIMARY KEY, server TEXT NOT NULL, remote_path BLOB NOT NULL,
    folder TEXT NOT NULL, local_path BLOB NOT NULL, on_conflict TEXT NOT NULL, size INTEGER,
    position REAL NOT NULL, state TEXT NOT NULL, outcome TEXT, code TEXT, reason TEXT,
    verified_bytes INTEGER NOT NULL DEFAULT 0, reused_bytes INTEGER NOT NULL DEFAULT 0,
    added_ms INTEGER NOT NULL, settled_ms INTEGER, owner TEXT, seq INTEGER NOT NULL) STRICT;
  CREATE INDEX transfer_order ON transfer (server, position);
  CREATE INDEX transfer_seq ON transfer (seq);
  CREATE TABLE owner (name TEXT PRIMARY KEY, host TEXT NOT NULL, pid INTEGER NOT NULL,
    heartbeat_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE lock (target TEXT PRIMARY KEY, owner TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE INDEX lock_owner ON lock (owner);
  CREATE TABLE counter (seq INTEGER NOT NULL) STRICT;
  INSERT INTO counter VALUES (7);
  INSERT INTO transfer (server, remote_path, folder, local_path, on_conflict, size, position, state,
    verified_bytes, reused_bytes, owner, added_ms, seq) VALUES
    ('${storedServer}', x'62', '/to', x'62', 'resume', 5, 2, 'paused', 0, 0, NULL, 1, 7),
    ('${storedServer}', x'63', '/to', x'64', 'skip', NULL, 3, 'running', 4, 1, 'gone', 1, 7),
    ('${storedServer}', x'61', '/to', x'61', 'resume', 5, 1, 'queued', 0, 0, NULL, 1, 6);
  INSERT INTO owner VALUES ('gone', 'lab', 1, 1);
  INSERT INTO lock VALUES ('/to/d', 'gone');
  PRAGMA user_version = 1;`;

const secondVersion = `
  ALTER TABLE transfer ADD COLUMN version TEXT;
  CREATE TABLE partial (target TEXT PRIMARY KEY, version TEXT NOT NULL, algorithm TEXT NOT NULL,
    state TEXT NOT NULL, digests BLOB NOT NULL, saved_ms INTEGER NOT NULL) STRICT;
  UPDATE transfer SET version = 'v7' WHERE state = 'running';
  PRAGMA user_version = 2;`;

test('every transfer of a released queue is kept, with all its facts', t => {
  const store = openStore(t, releasedQueue(t), () => nowMs);
  assert.equal(store.notice, undefined);
  assert.deepEqual(store.servers({settled: true}), [storedServer, '::1:4321']);
  const rows = store.load(storedServer);
  const raw = nameFromBytes(Buffer.from('caf\xe9', 'latin1'));
  // In the order of the queue: by priority, and the moved transfer before the others of its priority.
  assert.deepEqual(
    rows.map(row => [row.id, row.transfer.remotePath, row.priority, row.position, row.state]),
    [
      [11, 'high', 'high', 11, {name: 'queued'}],
      [12, 'moved', 'normal', 0, {name: 'queued'}],
      [1, 'queued', 'normal', 1, {name: 'queued'}],
      // Its process is gone, and may already have named the file.
      [2, 'running', 'normal', 2, {name: 'queued', begun: true}],
      [3, 'paused', 'normal', 3, {name: 'paused'}],
      [
        4,
        'failed',
        'normal',
        4,
        {name: 'failed', code: 'not_found', reason: "There is no 'failed'"},
      ],
      [5, 'done', 'normal', 5, {name: 'done', outcome: 'verified'}],
      [6, 'skipped', 'normal', 6, {name: 'done', outcome: 'skipped'}],
      [7, 'canceled', 'normal', 7, {name: 'canceled'}],
      [
        8,
        'no room',
        'normal',
        8,
        {name: 'paused', noRoom: '/to: 5 MB more are needed, and 1 MB are free'},
      ],
      [10, 'a/ç 🎣', 'normal', 10, {name: 'queued'}],
      [9, raw, 'low', 9, {name: 'queued'}],
    ],
  );
  const policies: Record<string, string> = {skipped: 'skip', 'a/ç 🎣': 'rename'};
  for (const {transfer} of rows) {
    const {remotePath} = transfer;
    const onConflict = policies[remotePath] ?? 'resume';
    assert.deepEqual(transfer, {
      remotePath,
      folder: '/to',
      localPath: remotePath,
      onConflict,
      size: 5_000_000,
    });
  }

  const known = rows.filter(
    ({version, verifiedBytes}) => version !== undefined || verifiedBytes > 0,
  );
  assert.deepEqual(
    known.map(row => [row.id, row.version, row.receivedBytes, row.verifiedBytes, row.reusedBytes]),
    [
      [2, 'v1', 2_097_152, 2_097_152, 1_048_576],
      [5, 'v2', 5_000_000, 5_000_000, 0],
      [8, undefined, 1_048_576, 1_048_576, 0],
    ],
  );
  assert.deepEqual(
    rows.map(row => [row.name, row.copiedBytes, row.bytesPerSecond]),
    rows.map(() => [undefined, 0, 0]),
  );
  assert.deepEqual(
    store.load('::1:4321').map(row => [row.id, row.transfer.remotePath, row.state]),
    [[14, 'other', {name: 'queued'}]],
  );
});

test('limits, remembered partial files and the cleared row of a released queue are kept', t => {
  const file = releasedQueue(t);
  const store = openStore(t, file, () => nowMs);
  assert.deepEqual(store.limits.read().limits, {bytesPerSecond: 500_000, files: 2});
  assert.deepEqual(store.partials.recall('/to/running'), {
    version: 'v1',
    algorithm: 'sha256',
    state: '1:2:3:4',
    digests: Buffer.alloc(64, 7),
  });
  // The process that held this place is gone.
  assert.equal(store.places.hold(['/to/running']).size, 0);
  assert.ok(store.seq >= 12);
  assert.deepEqual(
    store.changedSince(storedServer, 7).flatMap(({id, removed}) => (removed ? [id] : [])),
    [13],
  );
  const db = new DatabaseSync(file);
  assert.equal(db.prepare('SELECT count(*) AS count FROM transfer').get()?.count, 14);
  assert.equal(
    db.prepare('SELECT settled_ms FROM transfer WHERE id = 5').get()?.settled_ms,
    1_790_000_000_000,
  );
  assert.equal(db.prepare('PRAGMA integrity_check').get()?.integrity_check, 'ok');
  db.close();
});

test('an upgraded queue has the tables of a new one', t => {
  const tables = (file: string) => {
    const db = new DatabaseSync(file);
    const rows = db
      .prepare(
        `SELECT m.name AS item, c.name AS column, c.type, c."notnull" FROM sqlite_master m
          LEFT JOIN pragma_table_info(m.name) c ORDER BY 1, 2`,
      )
      .all();
    db.close();
    return rows;
  };
  const fresh = join(temporaryFolder(t), 'queue.db');
  const old = releasedQueue(t);
  openStore(t, fresh);
  openStore(t, old);
  assert.deepEqual(tables(old), tables(fresh));
  assert.deepEqual([versionOf(old), versionOf(fresh)], [6, 6]);
});

for (const [version, sql] of [
  [1, firstVersion],
  [2, firstVersion + secondVersion],
] as const) {
  test(`a queue of version ${version} is upgraded, and nothing is lost`, t => {
    const file = join(temporaryFolder(t), 'queue.db');
    change(file, sql);
    const store = openStore(t, file);
    assert.deepEqual(
      store
        .load(storedServer)
        .map(row => [
          row.transfer.remotePath,
          row.transfer.localPath,
          row.transfer.size,
          row.state,
          row.priority,
          row.version,
          row.verifiedBytes,
          row.reusedBytes,
        ]),
      [
        ['a', 'a', 5, {name: 'queued'}, 'normal', undefined, 0, 0],
        ['b', 'b', 5, {name: 'paused'}, 'normal', undefined, 0, 0],
        [
          'c',
          'd',
          undefined,
          {name: 'queued', begun: true},
          'normal',
          version === 2 ? 'v7' : undefined,
          4,
          1,
        ],
      ],
    );
    assert.deepEqual(addNames(store, ['e']), [4]);
    assert.equal(store.load(storedServer).at(-1)?.position, 4);
  });
}

// Programs of every version follow this rule, so it can never change.
test('a queue of a newer version is not changed, and the error says why', t => {
  const file = join(temporaryFolder(t), 'queue.db');
  new QueueStore(file)[Symbol.dispose]();
  change(file, `PRAGMA user_version = 7`);
  assert.throws(
    () => new QueueStore(file),
    error => isJangadaError(error, 'local_io') && /newer version/.test(error.message),
  );
  assert.equal(versionOf(file), 7);
});

test('the queue is not changed while a program of an older version has it open', async t => {
  const file = releasedQueue(t);
  const older = startProcess(t, "say('here'); stay();");
  await older.hears(0);
  const beat = (host: string, pid: number, heartbeatMs: number) =>
    change(file, `UPDATE owner SET host = '${host}', pid = ${pid}, heartbeat_ms = ${heartbeatMs}`);
  const isRefused = () => {
    assert.throws(
      () => new QueueStore(file),
      error =>
        isJangadaError(error, 'local_io') &&
        error.message ===
          `An older version of jangada (process ${older.pid}) has the queue open: end it first`,
    );
    assert.equal(versionOf(file), 3);
  };
  beat(hostname(), older.pid, Date.now());
  isRefused();
  beat(hostname(), older.pid, Date.now() + 10_000);
  isRefused();
  // Only the heartbeat shows whether a process on another machine is alive.
  beat('another machine', older.pid, Date.now());
  isRefused();
  beat(hostname(), older.pid, Date.now());
  await older.kill('SIGKILL');
  assert.equal(openStore(t, file).load(storedServer).length > 0, true);
  assert.equal(versionOf(file), 6);
});

test('a program of an older version that belongs to another user has the queue open, too', t => {
  const file = releasedQueue(t);
  change(file, `UPDATE owner SET host = '${hostname()}', pid = 4321, heartbeat_ms = ${Date.now()}`);
  const asked: unknown[] = [];
  let code = 'EPERM';
  t.mock.method(process, 'kill', (...given: unknown[]) => {
    asked.push(given);
    throw Object.assign(new Error(code), {code});
  });
  assert.throws(() => new QueueStore(file), {code: 'local_io', message: /process 4321/});
  assert.deepEqual(asked, [[4321, 0]]);
  code = 'ESRCH';
  openStore(t, file);
  assert.equal(versionOf(file), 6);
});

for (const [what, byMs] of [
  ['that has not been heard of for long', -60_000],
  ['whose clock was ahead by an hour', 3_600_000],
] as const) {
  test(`a program of an older version ${what} does not prevent the opening of the queue`, t => {
    const file = releasedQueue(t);
    change(
      file,
      `UPDATE owner SET host = '${hostname()}', pid = ${process.pid}, heartbeat_ms = ${Date.now() + byMs}`,
    );
    openStore(t, file);
    assert.equal(versionOf(file), 6);
  });
}

test('several processes that upgrade one queue at once do not disturb each other', async t => {
  for (const file of [releasedQueue(t), join(temporaryFolder(t), 'queue.db')]) {
    const script = `new QueueStore(${JSON.stringify(file)})[Symbol.dispose]();`;
    const ends = await Promise.all(Array.from({length: 4}, () => startProcess(t, script).ended()));
    assert.deepEqual(ends, Array(4).fill({status: 0, complaint: ''}));
    assert.equal(versionOf(file), 6);
  }
});
