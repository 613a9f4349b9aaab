import assert from 'node:assert/strict';
import {spawn, spawnSync} from 'node:child_process';
import {once} from 'node:events';
import {readdirSync, statSync, truncateSync, writeFileSync} from 'node:fs';
import {hostname} from 'node:os';
import {join} from 'node:path';
import {DatabaseSync} from 'node:sqlite';
import {type TestContext, test} from 'node:test';
import {isJangadaError} from '../../../../protocol/errors.ts';
import {nameFromBytes} from '../../../../protocol/remote-path.ts';
import {QueueStore} from '../../../../source/transfers/database/queue-store.ts';
import type {StoredTransfer} from '../../../../source/transfers/database/stored-transfer.ts';
import type {NewTransfer} from '../../../../source/transfers/terms/new-transfer.ts';
import {path, temporaryFolder} from '../../../fixtures/harness.ts';

const server = '127.0.0.1:1234';

function transfer(name: string): NewTransfer {
  return {remotePath: path(name), folder: '/to', localPath: name, size: 5, onConflict: 'resume'};
}

function add(store: QueueStore, names: readonly string[]): number[] {
  return store.add(server, names.map(transfer)).map(({id}) => id);
}

function openStore(t: TestContext, file: string, now?: () => number): QueueStore {
  const store = new QueueStore(file, now === undefined ? {} : {now});
  t.after(() => {
    try {
      store[Symbol.dispose]();
    } catch {
      // Closed by the test.
    }
  });
  return store;
}

test('what is added is there again after a restart, in its order, whatever bytes its name has', t => {
  const file = join(temporaryFolder(t), 'deep/queue.db');
  const names = ['b', 'a/ç 🎣', nameFromBytes(Buffer.from('caf\xe9', 'latin1')), 'line\nend'];
  const first = new QueueStore(file);
  const ids = add(first, names);
  first[Symbol.dispose]();
  const store = openStore(t, file);
  const rows = store.load(server);
  assert.deepEqual(
    rows.map(row => [row.id, row.transfer, row.state]),
    names.map((name, index) => [ids[index], transfer(name), 'queued']),
  );
  assert.deepEqual(store.servers(), [server]);
  assert.deepEqual(store.load('other:1'), []);
});

test('where a file is saved comes back as it was, whatever it shares with its remote path', t => {
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
  ].map(([remotePath = '', localPath = '']) => ({...transfer(remotePath), localPath}));
  store.add(server, pairs);
  assert.deepEqual(
    store.load(server).map(row => row.transfer),
    pairs,
  );
});

test('only the user can read the queue', t => {
  const file = join(temporaryFolder(t), 'queue.db');
  openStore(t, file);
  assert.equal(statSync(file).mode & 0o777, 0o600);
});

test('a transfer is claimed once, and by who is alive', t => {
  const file = join(temporaryFolder(t), 'queue.db');
  let nowMs = Date.now();
  const mine = openStore(t, file, () => nowMs);
  const other = openStore(t, file, () => nowMs);
  const ids = add(mine, ['a', 'b', 'c']);
  assert.deepEqual(mine.claim(ids.slice(0, 2)), ids.slice(0, 2));
  assert.deepEqual(other.claim(ids), ids.slice(2));
  assert.deepEqual(other.claim(ids), []);
  nowMs += 16_000;
  assert.deepEqual(other.claim(ids), ids.slice(0, 2));
});

test('a heartbeat from the future, from before the clock was set back, counts for nothing', t => {
  const file = join(temporaryFolder(t), 'queue.db');
  let nowMs = Date.now();
  const mine = openStore(t, file, () => nowMs);
  const [id = 0] = add(mine, ['a']);
  mine.claim([id]);
  nowMs -= 3_600_000;
  const other = openStore(t, file, () => nowMs);
  assert.deepEqual(other.claim([id]), [id]);
});

test('the claims of a client that was killed are free at once', t => {
  const file = join(temporaryFolder(t), 'queue.db');
  const script = `
    import {QueueStore} from './source/transfers/database/queue-store.ts';
    const store = new QueueStore(${JSON.stringify(file)});
    const ids = store.add('${server}', [{remotePath: 'a', folder: '/to', localPath: 'a', onConflict: 'fail'}]);
    store.claim(ids.map(({id}) => id));
    process.kill(process.pid, 'SIGKILL');`;
  const {signal} = spawnSync(
    process.execPath,
    ['--import', 'tsx', '--input-type=module', '-e', script],
    {stdio: 'ignore'},
  );
  assert.equal(signal, 'SIGKILL');
  const store = openStore(t, file);
  const [row] = store.load(server);
  assert.equal(row?.state, 'running');
  assert.equal(store.isAlive(row?.owner), false);
  assert.deepEqual(store.claim([row?.id ?? 0]), [row?.id]);
});

test('a place is locked once; who has it is named; what the dead have locked is free', t => {
  const file = join(temporaryFolder(t), 'queue.db');
  let nowMs = Date.now();
  const mine = openStore(t, file, () => nowMs);
  const other = openStore(t, file, () => nowMs);
  assert.deepEqual([...mine.lock(['/to/a', '/to/b'])], []);
  assert.deepEqual([...mine.lock(['/to/a'])], []);
  assert.deepEqual(
    [...other.lock(['/to/a', '/to/c'])],
    [['/to/a', {host: hostname(), pid: process.pid}]],
  );
  mine.unlock(['/to/a']);
  assert.deepEqual([...other.lock(['/to/a'])], []);
  nowMs += 16_000;
  assert.deepEqual([...other.lock(['/to/b'])], []);
});

test('closing gives back what was claimed', t => {
  const file = join(temporaryFolder(t), 'queue.db');
  const mine = new QueueStore(file);
  const ids = add(mine, ['a']);
  mine.claim(ids);
  mine[Symbol.dispose]();
  assert.equal(openStore(t, file).load(server)[0]?.state, 'queued');
});

test('an order reaches who works on it, and progress does not undo it', t => {
  const file = join(temporaryFolder(t), 'queue.db');
  const worker = openStore(t, file);
  const other = openStore(t, file);
  const [id = 0] = add(worker, ['a']);
  worker.claim([id]);
  const {seq, dataVersion} = worker;
  other.order([id], 'paused');
  assert.notEqual(worker.dataVersion, dataVersion);
  assert.deepEqual(
    worker.changedSince(server, seq).map(row => [row.id, row.state]),
    [[id, 'paused']],
  );
  worker.save([{id, state: 'running', verifiedBytes: 3, reusedBytes: 0, mine: true}]);
  const [row] = other.load(server);
  assert.deepEqual([row?.state, row?.verifiedBytes], ['paused', 0]);
});

test('what came of a transfer is kept as history, pruned by age', t => {
  const file = join(temporaryFolder(t), 'queue.db');
  let nowMs = Date.now();
  const first = new QueueStore(file, {now: () => nowMs});
  const ids = add(first, ['a', 'b']);
  first.claim(ids);
  first.save([
    {
      id: ids[0] ?? 0,
      state: 'done',
      outcome: 'verified',
      verifiedBytes: 5,
      reusedBytes: 1,
      mine: true,
    },
    {
      id: ids[1] ?? 0,
      state: 'failed',
      code: 'not_found',
      reason: 'gone',
      verifiedBytes: 0,
      reusedBytes: 0,
      mine: true,
    },
  ]);
  first[Symbol.dispose]();
  nowMs += 24 * 3_600_000;
  const second = new QueueStore(file, {now: () => nowMs});
  assert.deepEqual(
    second.load(server).map(({state, outcome, code, reason}) => [state, outcome, code, reason]),
    [
      ['done', 'verified', undefined, undefined],
      ['failed', undefined, 'not_found', 'gone'],
    ],
  );
  second[Symbol.dispose]();
  nowMs += 40 * 24 * 3_600_000;
  assert.deepEqual(openStore(t, file, () => nowMs).load(server), []);
});

test('however much is done after it, what failed stays to be tried again', t => {
  const file = join(temporaryFolder(t), 'queue.db');
  let nowMs = Date.now();
  const first = openStore(t, file, () => nowMs);
  const [failed = 0, ...done] = add(
    first,
    Array.from({length: 10_003}, (_, index) => `file ${index}`),
  );
  const change = {verifiedBytes: 0, reusedBytes: 0, mine: false};
  first.save([{...change, id: failed, state: 'failed', code: 'not_found', reason: 'gone'}]);
  nowMs += 1000;
  first.save(done.map(id => ({...change, id, state: 'done', outcome: 'verified'})));
  const second = openStore(t, file, () => nowMs);
  assert.deepEqual(second.idsIn(['failed']), [failed]);
  assert.equal(second.idsIn(['done']).length, 10_000);
});

test('who works on a transfer keeps it when it was paused and resumed before that was heard', t => {
  const file = join(temporaryFolder(t), 'queue.db');
  const worker = openStore(t, file);
  const other = openStore(t, file);
  const [id = 0] = add(worker, ['a']);
  worker.claim([id]);
  other.order([id], 'paused');
  other.order([id], 'queued');
  const change = {id, size: 5, verifiedBytes: 3, reusedBytes: 0, mine: true};
  worker.save([{...change, state: 'paused'}]);
  assert.equal(other.load(server)[0]?.state, 'queued');
  worker.save([{...change, state: 'running'}]);
  assert.deepEqual(other.claim([id]), []);
  assert.equal(other.load(server)[0]?.owner, worker.owner);
  worker.save([{...change, state: 'done', outcome: 'verified'}]);
  assert.equal(other.load(server)[0]?.state, 'done');
});

test('a cancel that comes when the file has its name is too late', t => {
  const file = join(temporaryFolder(t), 'queue.db');
  const worker = openStore(t, file);
  const other = openStore(t, file);
  const [id = 0] = add(worker, ['a']);
  worker.claim([id]);
  assert.deepEqual(other.order([id], 'canceled'), [id]);
  worker.save([
    {id, state: 'done', outcome: 'verified', verifiedBytes: 3, reusedBytes: 0, mine: true},
  ]);
  assert.equal(other.read([id])[0]?.state, 'done');
});

test('an order is for those it makes sense for, and brings back nothing that was cleared', t => {
  const store = openStore(t, join(temporaryFolder(t), 'queue.db'));
  const ids = add(store, ['a', 'b', 'c']);
  const [a = 0, b = 0, c = 0] = ids;
  assert.deepEqual(store.order([b, c], 'canceled'), [b, c]);
  assert.deepEqual(store.order([c], 'removed'), [c]);
  assert.deepEqual(store.order(ids, 'paused', ['queued', 'running']), [a]);
  assert.deepEqual(store.order([c], 'queued'), []);
  assert.deepEqual(store.idsIn(['paused', 'canceled']), [a, b]);
  assert.deepEqual(store.idsIn(['paused'], 'other:1'), []);
  assert.deepEqual(store.read(ids, 'other:1'), []);
});

test('a server has work while something is queued, or was left by a client that is gone', t => {
  const file = join(temporaryFolder(t), 'queue.db');
  let nowMs = Date.now();
  const mine = openStore(t, file, () => nowMs);
  const other = openStore(t, file, () => nowMs);
  const ids = add(other, ['a']);
  assert.equal(mine.hasWork(server), true);
  other.claim(ids);
  assert.equal(mine.hasWork(server), false);
  nowMs += 16_000;
  assert.equal(mine.hasWork(server), true);
  mine.order(ids, 'done');
  assert.equal(mine.hasWork(server), false);
  assert.deepEqual(mine.servers(), []);
  assert.deepEqual(mine.servers({settled: true}), [server]);
});

test('there is always room for one more between two transfers', t => {
  const store = openStore(t, join(temporaryFolder(t), 'queue.db'));
  const [a = 0, b = 0] = add(store, ['a', 'b', 'c', 'd']);
  assert.deepEqual(store.move(a, 2), {place: 3, of: 4, priority: 'normal'});
  const names = () =>
    store
      .load(server)
      .map(row => row.transfer.remotePath)
      .join('');
  assert.equal(names(), 'bcad');
  // Each time the room before the last one is halved.
  for (let round = 0; round < 100; round++) {
    const [first = 0] = store.load(server).map(row => row.id);
    const before = names();
    store.move(first, 2);
    assert.equal(names(), `${before.slice(1, 3)}${before[0]}${before[3]}`);
  }

  assert.equal(store.move(b, -99)?.place, 1);
  assert.equal(store.move(12345, 1), undefined);
});

test('transfers stand by priority, then by place, however many are read at once', t => {
  const file = join(temporaryFolder(t), 'queue.db');
  const store = openStore(t, file);
  const ids = add(store, ['a', 'b', 'c', 'd', 'e', 'f']);
  const [, b = 0, c = 0, , e = 0] = ids;
  const [g = 0] = store.add(server, [{...transfer('g'), priority: 'high'}]).map(({id}) => id);
  assert.deepEqual(store.prioritize([e], 'high'), [e]);
  assert.deepEqual(store.prioritize([b], 'low'), [b]);
  // Two clients that move at the same time may come to the same number.
  store.place([
    {id: c, position: 4},
    {id: g, position: 5},
  ]);
  const names = (rows: readonly StoredTransfer[]) =>
    rows.map(row => row.transfer.remotePath).join('');
  for (const limit of [1, 2, 3, 100]) {
    const read: StoredTransfer[] = [];
    let slice: StoredTransfer[];
    do {
      slice = store.load(server, read.at(-1), limit);
      read.push(...slice);
    } while (slice.length > 0);
    assert.equal(names(read), 'egacdfb', `${limit} at once`);
  }

  assert.deepEqual(
    store.idsIn(['queued']),
    store.load(server).map(({id}) => id),
  );
  assert.deepEqual(
    store.load(server).map(({priority}) => priority),
    ['high', 'high', 'normal', 'normal', 'normal', 'normal', 'low'],
  );
  // Back at the priority that it had, it has the place that it had.
  store.prioritize([e], 'normal');
  assert.equal(names(store.load(server)), 'gacdefb');
  assert.deepEqual(store.prioritize([e], 'low', ['paused']), []);
});

test('what is settled is no place to move to', t => {
  const store = openStore(t, join(temporaryFolder(t), 'queue.db'));
  const [a = 0, b = 0, c = 0, d = 0, e = 0] = add(store, ['a', 'b', 'c', 'd', 'e']);
  store.order([b], 'done');
  store.order([c], 'failed');
  store.order([d], 'paused');
  assert.deepEqual(store.move(a, 1), {place: 2, of: 3, priority: 'normal'});
  assert.deepEqual(store.move(e, -1), {place: 2, of: 3, priority: 'normal'});
  const left = () => store.idsIn(['queued', 'paused']);
  assert.deepEqual(left(), [d, e, a]);
  // What failed has its place for another attempt.
  assert.deepEqual(store.move(c, 9), {place: 4, of: 4, priority: 'normal'});
  store.order([a, d, e], 'done');
  assert.deepEqual(store.move(a, -5), {place: 1, of: 1, priority: 'normal'});
});

test('a transfer moves among those of its priority', t => {
  const store = openStore(t, join(temporaryFolder(t), 'queue.db'));
  const [a = 0, b = 0, c = 0, d = 0] = add(store, ['a', 'b', 'c', 'd']);
  store.prioritize([c, d], 'high');
  assert.deepEqual(store.move(c, 9), {place: 2, of: 2, priority: 'high'});
  assert.deepEqual(store.move(b, -9), {place: 1, of: 2, priority: 'normal'});
  assert.deepEqual(
    store.load(server).map(({id}) => id),
    [d, c, b, a],
  );
});

test('what changed its priority is told to the others', t => {
  const file = join(temporaryFolder(t), 'queue.db');
  const mine = openStore(t, file);
  const [, b = 0] = add(mine, ['a', 'b']);
  const other = openStore(t, file);
  const {seq} = other;
  mine.prioritize([b], 'high');
  assert.deepEqual(
    other.changedSince(server, seq).map(({id, priority}) => [id, priority]),
    [[b, 'high']],
  );
});

test('a queue of the first version is brought up to date, and nothing is lost', t => {
  const file = join(temporaryFolder(t), 'queue.db');
  const db = new DatabaseSync(file);
  db.exec(`
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
    INSERT INTO transfer (server, remote_path, folder, local_path, on_conflict, size, position,
      state, added_ms, seq) VALUES ('${server}', x'62', '/to', x'62', 'resume', 5, 2, 'paused', 1, 7),
      ('${server}', x'61', '/to', x'61', 'resume', 5, 1, 'queued', 1, 6);
    PRAGMA user_version = 1;`);
  db.close();
  const store = openStore(t, file);
  assert.deepEqual(
    store.load(server).map(row => [row.transfer.remotePath, row.state, row.priority]),
    [
      ['a', 'queued', 'normal'],
      ['b', 'paused', 'normal'],
    ],
  );
  assert.deepEqual(add(store, ['c']), [3]);
  assert.equal(store.load(server).at(-1)?.position, 3);
});

test('several clients that bring one queue up to date at once do not get in each other’s way', async t => {
  const file = join(temporaryFolder(t), 'queue.db');
  const script = `
    import {QueueStore} from './source/transfers/database/queue-store.ts';
    new QueueStore(${JSON.stringify(file)})[Symbol.dispose]();`;
  const ends = await Promise.all(
    Array.from({length: 6}, async () => {
      const child = spawn(
        process.execPath,
        ['--import', 'tsx', '--input-type=module', '-e', script],
        {stdio: ['ignore', 'ignore', 'pipe']},
      );
      const [complaint, [status]] = await Promise.all([
        Array.fromAsync(child.stderr.setEncoding('utf8')),
        once(child, 'exit'),
      ]);
      return {status, complaint: complaint.join('')};
    }),
  );
  assert.deepEqual(ends, Array(6).fill({status: 0, complaint: ''}));
});

test('a moved transfer stands where it was put', t => {
  const store = openStore(t, join(temporaryFolder(t), 'queue.db'));
  const ids = add(store, ['a', 'b', 'c']);
  store.place([{id: ids[2] ?? 0, position: 1.5}]);
  assert.deepEqual(
    store.load(server).map(row => row.transfer.remotePath),
    ['a', 'c', 'b'],
  );
});

for (const [what, damage] of [
  ['cut in half', (file: string) => truncateSync(file, statSync(file).size / 2)],
  ['of something else', (file: string) => writeFileSync(file, 'not a database, but a text')],
] as const) {
  test(`a database ${what} is put aside, said so, and a new one begun`, t => {
    const folder = temporaryFolder(t);
    const file = join(folder, 'queue.db');
    const first = new QueueStore(file);
    first.add(
      server,
      Array.from({length: 500}, (_, index) => transfer(`file ${index}`)),
    );
    first[Symbol.dispose]();
    damage(file);
    const store = openStore(t, file);
    assert.match(store.notice ?? '', /damaged/);
    assert.deepEqual(store.load(server), []);
    assert.ok(readdirSync(folder).some(name => name.startsWith('queue.db.damaged-')));
    assert.equal(add(store, ['a']).length, 1);
  });
}

test('a queue of a newer version is left alone, in words', t => {
  const file = join(temporaryFolder(t), 'queue.db');
  new QueueStore(file)[Symbol.dispose]();
  const db = new DatabaseSync(file);
  db.exec('PRAGMA user_version = 999');
  db.close();
  assert.throws(
    () => new QueueStore(file),
    error => isJangadaError(error, 'local_io') && /newer version/.test(error.message),
  );
});

test('a row that makes no sense is left out, the others are read', t => {
  const file = join(temporaryFolder(t), 'queue.db');
  const store = openStore(t, file);
  add(store, ['a', 'b', 'c', 'd', 'e', 'f', 'g']);
  const db = new DatabaseSync(file);
  db.exec("UPDATE transfer SET remote_path = CAST('../../etc' AS BLOB) WHERE position = 1");
  db.exec("UPDATE transfer SET state = 'exploded' WHERE position = 2");
  db.exec('UPDATE transfer SET priority = 7 WHERE position = 3');
  db.exec("UPDATE transfer SET remote_path = x'610062' WHERE position = 5");
  db.exec("UPDATE transfer SET local_path = x'660062' WHERE position = 6");
  db.exec("UPDATE transfer SET local_path = CAST('../g' AS BLOB) WHERE position = 7");
  db.close();
  assert.deepEqual(
    store.load(server).map(row => row.transfer.remotePath),
    ['d'],
  );
});
