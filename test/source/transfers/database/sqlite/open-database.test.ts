import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import {join} from 'node:path';
import process from 'node:process';
import {DatabaseSync} from 'node:sqlite';
import {test} from 'node:test';
import {isJangadaError} from '../../../../../protocol/errors.ts';
import {openQueueStore} from '../../../../../source/transfers/database/open-queue-store.ts';
import {QueueStore} from '../../../../../source/transfers/database/queue-store.ts';
import {openDatabase} from '../../../../../source/transfers/database/sqlite/open-database.ts';
import {temporaryFolder} from '../../../../fixtures/harness.ts';
import {startProcess} from '../../../../fixtures/queue/store-process.ts';
import {
  addNames,
  newTransfer,
  openStore,
  storedServer,
} from '../../../../fixtures/queue/stored-queue.ts';
import {cannotRecord, recordDisk} from '../../../../fixtures/record-disk.ts';

test('only the user can read the queue', t => {
  const file = join(temporaryFolder(t), 'queue.db');
  openStore(t, file);
  assert.equal(statSync(file).mode & 0o777, 0o600);
});

for (const [what, target] of [
  ['a database', 'other.db'],
  ['another file', 'notes.txt'],
  ['nothing', 'missing'],
] as const) {
  test(`a queue that is a symbolic link to ${what} is refused, and its target is not changed`, t => {
    const folder = temporaryFolder(t);
    const [file, other] = [join(folder, 'state/queue.db'), join(folder, target)];
    mkdirSync(join(folder, 'state'));
    fill(join(folder, 'other.db'), 1);
    writeFileSync(join(folder, 'notes.txt'), '', {mode: 0o644});
    const before = [readdirSync(folder), existsSync(other) && readFileSync(other).toString('hex')];
    symlinkSync(other, file);
    assert.throws(
      () => new QueueStore(file),
      error =>
        isJangadaError(error, 'unsafe_target') &&
        /queue\.db is a symbolic link, and jangada follows no links here\. .*JANGADA_STATE/.test(
          error.message,
        ),
    );
    const {store, notice} = openQueueStore({JANGADA_STATE: join(folder, 'state')});
    assert.equal(store, undefined);
    assert.match(
      notice ?? '',
      /^The queue cannot be kept when this program ends: .* is a symbolic link/,
    );
    assert.deepEqual(
      [readdirSync(folder), existsSync(other) && readFileSync(other).toString('hex')],
      before,
    );
    assert.equal(statSync(join(folder, 'notes.txt')).mode & 0o777, 0o644);
  });
}

test('a queue below a folder that is a link is opened, because users move their state this way', t => {
  const folder = temporaryFolder(t);
  mkdirSync(join(folder, 'disk'));
  symlinkSync(join(folder, 'disk'), join(folder, 'state'));
  openStore(t, join(folder, 'state/queue.db'));
  assert.ok(existsSync(join(folder, 'disk/queue.db')));
});

test('a queue that is a pipe is refused, without waiting for its other end', {
  skip: process.platform === 'win32' && 'there are no pipes among files',
}, t => {
  const file = join(temporaryFolder(t), 'queue.db');
  execFileSync('mkfifo', [file]);
  assert.throws(() => new QueueStore(file), {code: 'unsafe_target', message: /is not a file/});
});

/** Make a database with `count` transfers, and close it. */
function fill(file: string, count: number): void {
  using store = new QueueStore(file);
  store.add(
    storedServer,
    Array.from({length: count}, (_, index) => newTransfer(`file ${index}`)),
  );
}

/** Overwrite the second half of the pages. Only a check of all pages finds this. */
function scribble(file: string): void {
  const bytes = readFileSync(file);
  bytes.fill(0xa5, bytes.length / 2);
  writeFileSync(file, bytes);
}

/** Claim free pages that do not exist. Every row can still be read. */
function miscount(file: string): void {
  const bytes = readFileSync(file);
  bytes.writeUInt32BE(7, 36);
  writeFileSync(file, bytes);
}

for (const [what, damage] of [
  ['cut in half', (file: string) => truncateSync(file, statSync(file).size / 2)],
  ['of something else', (file: string) => writeFileSync(file, 'not a database, but a text')],
  ['with damaged pages', scribble],
  ['of which only the check says that it is damaged', miscount],
] as const) {
  test(`a database ${what} is put aside and reported, and a new one begins`, t => {
    const folder = temporaryFolder(t);
    const file = join(folder, 'queue.db');
    fill(file, 500);
    damage(file);
    const damaged = readFileSync(file);
    const store = openStore(t, file);
    assert.match(store.notice ?? '', /damaged/);
    assert.deepEqual(store.load(storedServer), []);
    const aside = readdirSync(folder).filter(name => /^queue\.db\.damaged-[^.]*$/.test(name));
    assert.deepEqual(
      aside.map(name => readFileSync(join(folder, name)).equals(damaged)),
      [true],
    );
    assert.equal(addNames(store, ['a']).length, 1);
  });
}

test('nothing from the log of a damaged database gets into the new one', async t => {
  const folder = temporaryFolder(t);
  const file = join(folder, 'queue.db');
  fill(file, 500);
  // Killed, so that its log stays on disk.
  const killed = startProcess(
    t,
    `const store = new QueueStore(${JSON.stringify(file)});
    for (let index = 0; index < 50; index++) store.wishes.make('x:1', {do: 'pause', which: 'all'});
    process.kill(process.pid, 'SIGKILL');`,
  );
  await killed.ended();
  assert.ok(statSync(`${file}-wal`).size > 0);
  writeFileSync(file, 'not a database, but a text');
  const store = openStore(t, file);
  assert.match(store.notice ?? '', /damaged/);
  assert.deepEqual(store.wishes.open('x:1'), []);
  assert.deepEqual([store.load(storedServer), addNames(store, ['a'])], [[], [1]]);
});

test('a damaged database that another process has open is put aside with its log, which the new one does not use', async t => {
  const folder = temporaryFolder(t);
  const file = join(folder, 'queue.db');
  fill(file, 500);
  const holder = startProcess(
    t,
    `const store = new QueueStore(${JSON.stringify(file)});
    for (let index = 0; index < 50; index++) store.wishes.make('x:1', {do: 'pause', which: 'all'});
    say('made');
    stay();`,
  );
  await holder.hears(0);
  const log = readFileSync(`${file}-wal`);
  assert.ok(log.length > 0);
  scribble(file);
  const store = openStore(t, file);
  assert.match(store.notice ?? '', /damaged/);
  assert.deepEqual([store.wishes.open('x:1'), store.load(storedServer)], [[], []]);
  const aside = readdirSync(folder).filter(name => /^queue\.db\.damaged-[^.]*-wal$/.test(name));
  assert.deepEqual(
    aside.map(name => readFileSync(join(folder, name)).equals(log)),
    [true],
  );
  assert.equal(addNames(store, ['a']).length, 1);
});

test('a damaged database that several processes open at once is put aside once, and they share the new one', async t => {
  const folder = temporaryFolder(t);
  const file = join(folder, 'queue.db');
  fill(file, 20_000);
  scribble(file);
  const openers = Array.from({length: 6}, () =>
    startProcess(
      t,
      `say('ready');
      while (!fs.existsSync(${JSON.stringify(join(folder, 'go'))})) await turn();
      const store = new QueueStore(${JSON.stringify(file)});
      store.wishes.make('x:1', {do: 'pause', which: 'all'});
      say('made');
      stay();`,
    ),
  );
  await Promise.all(openers.map(opener => opener.hears(0)));
  writeFileSync(join(folder, 'go'), '');
  await Promise.all(openers.map(opener => opener.hears(1)));
  const aside = readdirSync(folder).filter(name => /^queue\.db\.damaged-[^.]*Z$/.test(name));
  assert.deepEqual([aside.length, openStore(t, file).wishes.open('x:1').length], [1, 6]);
});

test('a database that another process holds for long is not changed, and the error says why', t => {
  const folder = temporaryFolder(t);
  const file = join(folder, 'queue.db');
  const store = openStore(t, file);
  const holder = new DatabaseSync(file);
  t.after(() => holder.close());
  holder.exec('BEGIN IMMEDIATE');
  assert.throws(
    () => new QueueStore(file),
    error => isJangadaError(error, 'local_io') && /database is locked/.test(error.message),
  );
  assert.deepEqual(
    readdirSync(folder).filter(name => name.includes('damaged')),
    [],
  );
  // Reading still works. A change is refused as a whole.
  store.patienceMs = 0;
  assert.deepEqual(store.load(storedServer), []);
  assert.throws(() => addNames(store, ['a']), {errcode: 5});
  assert.throws(() => store.places.hold(['/to/a']), {errcode: 5});
  holder.exec('COMMIT');
  assert.equal(addNames(store, ['a']).length, 1);
  assert.equal(store.places.hold(['/to/a']).size, 0);
});

test('the names of folders that are made for a queue are flushed', {skip: cannotRecord}, t => {
  const folder = temporaryFolder(t);
  const calls = recordDisk(t, folder);
  const {db} = openDatabase(join(folder, 'a/b/queue.db'));
  t.after(() => db.close());
  assert.deepEqual(calls, ['mkdir a', 'mkdir a/b', 'fsync a', 'fsync .']);
});
