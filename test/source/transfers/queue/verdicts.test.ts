import assert from 'node:assert/strict';
import {appendFileSync, lstatSync, mkdirSync, utimesSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {DatabaseSync} from 'node:sqlite';
import {test} from 'node:test';
import {blockSize} from '../../../../protocol/block.ts';
import {holds} from '../../../../source/transfers/download/here/judge-copy.ts';
import {Verdicts} from '../../../../source/transfers/queue/verdicts.ts';
import {stateOf} from '../../../../source/transfers/terms/file-state.ts';
import type {Verdict} from '../../../../source/transfers/terms/verdict.ts';
import {noise, path, temporaryFolder, until} from '../../../fixtures/harness.ts';
import {startPlace} from '../../../fixtures/queue/shared-place.ts';
import {openStore, storedServer} from '../../../fixtures/queue/stored-queue.ts';

const verdict: Verdict = {
  remotePath: path('a'),
  remote: {size: 7, mtimeMs: 1_700_000_000_000.125, version: 'v'},
  state: '7:1:2:3',
  equal: false,
};

const stateAt = (file: string) => stateOf(lstatSync(file, {bigint: true}));

test('every process knows each fetched file as verified, until the file changes', async t => {
  const place = await startPlace(t);
  writeFileSync(join(place.root, 'large'), noise(3 * blockSize));
  writeFileSync(join(place.root, 'small'), 'small');
  utimesSync(join(place.root, 'small'), 1_600_000_000, 1_600_000_000.25);
  const worker = place.open();
  const other = place.open();
  worker.queue.add([place.transfer('large'), {...place.transfer('small'), size: 5}]);
  await until(() => other.queue.totals().done === 2);
  for (const name of ['large', 'small']) {
    const file = join(place.target, name);
    const known = other.queue.verdicts.recall(file);
    const remote = await worker.client.stat(path(name));
    assert.ok(known?.equal, name);
    assert.equal(known.remotePath, name);
    assert.equal(known.remote.version, remote.version);
    assert.ok(holds(known, {state: stateAt(file)}, remote), name);
    appendFileSync(file, 'x');
    assert.ok(!holds(known, {state: stateAt(file)}, remote), name);
  }
});

test('a process is told when another one has stored verdicts, until it no longer listens', async t => {
  const place = await startPlace(t);
  const [one, other] = [place.open(), place.open()];
  const file = join(place.target, 'a');
  const told: boolean[] = [];
  const end = one.queue.verdicts.onNews(() => {
    told.push(one.queue.verdicts.recall(file)?.equal === false);
  });
  other.queue.verdicts.remember(file, verdict);
  await until(() => told.includes(true));
  end();
  const before = told.length;
  other.queue.verdicts.remember(file, {...verdict, equal: true});
  await until(() => one.queue.verdicts.recall(file)?.equal === true);
  one.queue.verdicts.news();
  assert.equal(told.length, before);
});

test('a copy that is compared and found complete is known, too, small or large', async t => {
  const place = await startPlace(t);
  mkdirSync(place.target);
  for (const [name, size] of [
    ['large', 3 * blockSize],
    ['small', 500],
  ] as const) {
    for (const folder of [place.root, place.target]) {
      writeFileSync(join(folder, name), noise(size));
    }
  }

  const {queue, client} = place.open();
  const resume = (name: string, size: number) =>
    ({...place.transfer(name), size, onConflict: 'resume'}) as const;
  queue.add([resume('large', 3 * blockSize), resume('small', 500)]);
  await until(() => queue.totals().done === 2);
  for (const name of ['large', 'small']) {
    const file = join(place.target, name);
    const known = queue.verdicts.recall(file);
    assert.ok(known && holds(known, {state: stateAt(file)}, await client.stat(path(name))), name);
  }
});

test('a verdict outlives the process, belongs to one server, and the last one counts', t => {
  const file = join(temporaryFolder(t), 'queue.db');
  const store = openStore(t, file);
  const verdicts = new Verdicts(store.verdicts, storedServer);
  verdicts.remember('/to/a', {...verdict, equal: true});
  verdicts.remember('/to/a', verdict);
  assert.deepEqual(verdicts.recall('/to/a'), verdict);
  verdicts[Symbol.dispose]();
  store[Symbol.dispose]();
  const again = openStore(t, file);
  assert.deepEqual(new Verdicts(again.verdicts, storedServer).recall('/to/a'), verdict);
  assert.equal(new Verdicts(again.verdicts, 'other:1').recall('/to/a'), undefined);
  assert.equal(new Verdicts(again.verdicts, storedServer).recall('/to/b'), undefined);
});

test('the newest fifty thousand verdicts are kept', t => {
  const file = join(temporaryFolder(t), 'queue.db');
  const store = openStore(t, file);
  const many = Array.from({length: 50_002}, (_, index) => [`/to/${index}`, verdict] as const);
  store.verdicts.remember(storedServer, many);
  store[Symbol.dispose]();
  const again = openStore(t, file);
  const known = (index: number) => again.verdicts.recall(storedServer, `/to/${index}`);
  assert.deepEqual([known(1), known(2)], [undefined, verdict]);
});

test('a locked database loses no verdict', async t => {
  const file = join(temporaryFolder(t), 'queue.db');
  const store = openStore(t, file);
  store.patienceMs = 1;
  const holder = new DatabaseSync(file);
  holder.exec('BEGIN IMMEDIATE');
  const verdicts = new Verdicts(store.verdicts, storedServer);
  t.after(() => verdicts[Symbol.dispose]());
  verdicts.remember('/to/a', verdict);
  await new Promise(setImmediate);
  assert.deepEqual(verdicts.recall('/to/a'), verdict);
  assert.equal(store.verdicts.recall(storedServer, '/to/a'), undefined);
  holder.exec('COMMIT');
  holder.close();
  verdicts.remember('/to/b', verdict);
  await until(() => store.verdicts.recall(storedServer, '/to/a') !== undefined);
});

test('an invalid row of the database is no verdict', t => {
  const file = join(temporaryFolder(t), 'queue.db');
  const store = openStore(t, file);
  store.verdicts.remember(storedServer, [['/to/a', verdict]]);
  const db = new DatabaseSync(file);
  db.exec("UPDATE verdict SET remote_path = x'2e2e2f61'");
  db.close();
  assert.equal(store.verdicts.recall(storedServer, '/to/a'), undefined);
});

test('without a database the newest ten thousand verdicts are kept, and one that is renewed is new', () => {
  const verdicts = new Verdicts(undefined, storedServer);
  for (let index = 0; index < 10_000; index++) {
    verdicts.remember(`/to/${index}`, verdict);
  }

  verdicts.remember('/to/0', {...verdict, equal: true});
  verdicts.remember('/to/10000', verdict);
  assert.equal(verdicts.recall('/to/1'), undefined);
  assert.deepEqual(
    ['/to/0', '/to/2', '/to/10000'].map(file => verdicts.recall(file)?.equal),
    [true, false, false],
  );
  verdicts[Symbol.dispose]();
});

test('the verdicts of one turn are written in one transaction, before the next turn', async t => {
  const file = join(temporaryFolder(t), 'queue.db');
  const store = openStore(t, file);
  const watching = new DatabaseSync(file);
  t.after(() => watching.close());
  const version = () => Number(watching.prepare('PRAGMA data_version').get()?.data_version);
  const verdicts = new Verdicts(store.verdicts, storedServer);
  const before = version();
  for (const name of ['a', 'b', 'c']) {
    verdicts.remember(`/to/${name}`, verdict);
  }

  assert.equal(version(), before);
  await Promise.resolve();
  assert.equal(version(), before + 1);
  assert.deepEqual(store.verdicts.recall(storedServer, '/to/c'), verdict);
  verdicts.remember('/to/d', verdict);
  // Those of the last turn of a process, too.
  verdicts[Symbol.dispose]();
  assert.deepEqual(store.verdicts.recall(storedServer, '/to/d'), verdict);
});
