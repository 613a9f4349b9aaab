import assert from 'node:assert/strict';
import {readdirSync, renameSync, symlinkSync, writeFileSync} from 'node:fs';
import {hostname} from 'node:os';
import {join} from 'node:path';
import process from 'node:process';
import {DatabaseSync} from 'node:sqlite';
import {type TestContext, test} from 'node:test';
import {temporaryFolder} from '../../../../fixtures/harness.ts';
import {type StoreProcess, startProcess} from '../../../../fixtures/queue/store-process.ts';
import {openStore} from '../../../../fixtures/queue/stored-queue.ts';

const here = {host: hostname(), pid: process.pid};

/** Another process, which opens the queue in `file` as `store` and runs `script`. */
async function startOther(t: TestContext, file: string, script: string): Promise<StoreProcess> {
  const other = startProcess(
    t,
    `const store = new QueueStore(${JSON.stringify(file)}); ${script}; say('done'); stay();`,
  );
  await other.hears(0);
  return other;
}

function rowsOf(file: string, table: 'place' | 'process' | 'small_files'): unknown[] {
  const db = new DatabaseSync(file);
  try {
    return db.prepare(`SELECT * FROM ${table}`).all();
  } finally {
    db.close();
  }
}

function locksIn(folder: string): string[] {
  return readdirSync(join(folder, 'locks'));
}

test('only one process holds a place, and others learn which process that is', t => {
  const file = join(temporaryFolder(t), 'queue.db');
  const mine = openStore(t, file);
  const other = openStore(t, file);
  assert.deepEqual([...mine.places.hold(['/to/a', '/to/b'])], []);
  assert.deepEqual([...mine.places.hold(['/to/a'])], []);
  assert.deepEqual([...other.places.hold(['/to/a', '/to/c'])], [['/to/a', here]]);
  assert.deepEqual([...mine.places.hold(['/to/c'])], [['/to/c', here]]);
});

test('a released place is free, even if it is released in the call that holds another', t => {
  const file = join(temporaryFolder(t), 'queue.db');
  const mine = openStore(t, file);
  const other = openStore(t, file);
  mine.places.hold(['/to/a', '/to/b']);
  // A process cannot release a place of another process.
  other.places.release(['/to/a']);
  assert.equal(other.places.hold(['/to/a']).size, 1);
  mine.places.release(['/to/a']);
  assert.equal(other.places.hold(['/to/a']).size, 0);
  assert.deepEqual([...mine.places.hold(['/to/c'], ['/to/b'])], []);
  assert.equal(other.places.hold(['/to/b']).size, 0);
});

test('closing a store releases its places and removes its lock', t => {
  const folder = temporaryFolder(t);
  const file = join(folder, 'queue.db');
  const mine = openStore(t, file);
  mine.places.hold(['/to/a']);
  mine.places.fetchSmallFiles('/to', true);
  assert.equal(locksIn(folder).length, 1);
  mine[Symbol.dispose]();
  assert.deepEqual(locksIn(folder), []);
  assert.deepEqual(
    (['place', 'process', 'small_files'] as const).flatMap(table => rowsOf(file, table)),
    [],
  );
});

test('a stopped process keeps its places; those of a killed process are free, for one other process', async t => {
  const file = join(temporaryFolder(t), 'queue.db');
  const mine = openStore(t, file);
  const third = openStore(t, file);
  const other = await startOther(t, file, "store.places.hold(['/to/a', '/to/b'])");
  const held = [
    ['/to/a', {host: hostname(), pid: other.pid}],
    ['/to/b', {host: hostname(), pid: other.pid}],
  ];
  assert.deepEqual([...mine.places.hold(['/to/a', '/to/b'])], held);
  await other.kill('SIGSTOP');
  assert.deepEqual([...mine.places.hold(['/to/a', '/to/b'])], held);
  await other.kill('SIGKILL');
  assert.deepEqual([...mine.places.hold(['/to/a'])], []);
  assert.deepEqual([...third.places.hold(['/to/a', '/to/b'])], [['/to/a', here]]);
});

test('a process whose lock cannot be checked keeps its places', t => {
  const folder = temporaryFolder(t);
  const file = join(folder, 'queue.db');
  const mine = openStore(t, file);
  const other = openStore(t, file);
  mine.places.hold(['/to/a']);
  const [lock = ''] = locksIn(folder);
  // A symbolic link is never followed.
  renameSync(join(folder, 'locks', lock), join(folder, 'elsewhere'));
  symlinkSync(join(folder, 'elsewhere'), join(folder, 'locks', lock));
  assert.deepEqual([...other.places.hold(['/to/a'])], [['/to/a', here]]);
  assert.deepEqual([...other.places.holders(['/to/a'])], [['/to/a', here]]);
});

test('other processes see a process that fetches small files into a folder, in this folder and below', async t => {
  const file = join(temporaryFolder(t), 'queue.db');
  const mine = openStore(t, file);
  const other = openStore(t, file);
  mine.places.fetchSmallFiles('/to/deep', true);
  mine.places.fetchSmallFiles('/to/deep', true);
  assert.deepEqual(other.places.smallFilesHolder('/to/deep/a'), here);
  assert.deepEqual(other.places.smallFilesHolder('/to/deep/er/a'), here);
  for (const place of ['/to/a', '/to/deep', '/to/deeper/a']) {
    assert.equal(other.places.smallFilesHolder(place), undefined, place);
  }

  assert.equal(mine.places.smallFilesHolder('/to/deep/a'), undefined);
  // Two processes with one folder do not disturb each other.
  other.places.fetchSmallFiles('/to/deep', true);
  assert.deepEqual(mine.places.smallFilesHolder('/to/deep/a'), here);
  mine.places.fetchSmallFiles('/to/deep', false);
  assert.equal(other.places.smallFilesHolder('/to/deep/a'), undefined);
  assert.deepEqual(mine.places.smallFilesHolder('/to/deep/a'), here);
});

test('small files belong to no process when the process that fetched them was killed', async t => {
  const file = join(temporaryFolder(t), 'queue.db');
  const mine = openStore(t, file);
  const other = await startOther(t, file, "store.places.fetchSmallFiles('/to', true)");
  assert.equal(mine.places.smallFilesHolder('/to/a')?.pid, other.pid);
  await other.kill('SIGSTOP');
  assert.equal(mine.places.smallFilesHolder('/to/a')?.pid, other.pid);
  await other.kill('SIGKILL');
  assert.equal(mine.places.smallFilesHolder('/to/a'), undefined);
});

test('opening the queue removes what dead processes have left, and nothing of living ones', async t => {
  const folder = temporaryFolder(t);
  const file = join(folder, 'queue.db');
  const script =
    "store.places.hold(['/to/' + process.pid]); store.places.fetchSmallFiles('/to', true)";
  const [dead, alive] = await Promise.all([
    startOther(t, file, script),
    startOther(t, file, script),
  ]);
  await dead.kill('SIGKILL');
  await alive.kill('SIGSTOP');
  assert.equal(rowsOf(file, 'place').length, 2);
  assert.equal(locksIn(folder).length, 2);
  openStore(t, file);
  const [name] = locksIn(folder).map(lock => lock.replace('process-', ''));
  assert.deepEqual(locksIn(folder).length, 1);
  assert.deepEqual(
    (['place', 'process', 'small_files'] as const).map(table =>
      JSON.parse(JSON.stringify(rowsOf(file, table))),
    ),
    [
      [{target: `/to/${alive.pid}`, process: name}],
      [{name, host: hostname(), pid: alive.pid}],
      [{folder: '/to', process: name}],
    ],
  );
});

test('rows of a process without a lock, and invalid names of processes, do no harm', t => {
  const folder = temporaryFolder(t);
  const file = join(folder, 'queue.db');
  const first = openStore(t, file);
  const fill = () => {
    const db = new DatabaseSync(file);
    for (const name of ['', '../../etc/passwd', "' OR 1", crypto.randomUUID()]) {
      db.prepare('INSERT INTO process VALUES (?, ?, ?)').run(name, 'x', -1);
      db.prepare('INSERT INTO place VALUES (?, ?)').run(`/to/${name}`, name);
      db.prepare('INSERT INTO small_files VALUES (?, ?)').run('/to', name);
    }

    const places = db.prepare('SELECT target FROM place ORDER BY target').all();
    db.close();
    return places.map(row => String(row.target));
  };

  const targets = fill();
  // Also for a process that cannot write.
  assert.equal(first.places.holders(targets).size, 0);
  assert.equal(first.places.smallFilesHolder('/to/a'), undefined);
  assert.equal(first.places.hold(targets).size, 0);
  first.places.release(targets);
  fill();
  openStore(t, file);
  assert.deepEqual([rowsOf(file, 'place'), rowsOf(file, 'small_files')], [[], []]);
  assert.equal(rowsOf(file, 'process').length, 1);
  assert.deepEqual(readdirSync(folder).sort(), [
    'locks',
    'queue.db',
    'queue.db-shm',
    'queue.db-wal',
  ]);
  assert.equal(locksIn(folder).length, 1);
});

test('if no lock can be made, no place is held, and other calls work', t => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'locks'), 'in the way');
  const store = openStore(t, join(folder, 'queue.db'));
  assert.throws(() => store.places.hold(['/to/a']), {code: 'unsafe_target'});
  store.places.release(['/to/a']);
  assert.equal(store.places.smallFilesHolder('/to/a'), undefined);
});

test('processes that start and are killed while others prune never share a place', async t => {
  const folder = temporaryFolder(t);
  const file = join(folder, 'queue.db');
  openStore(t, file);
  // The holder of the place makes a folder. A second holder would find this folder.
  const script = `
    say('ready');
    const counts = {held: 0, two: 0};
    while (counts.held < 25) {
      const store = new QueueStore(${JSON.stringify(file)});
      if (store.places.hold(['/to/a']).size === 0) {
        counts.held++;
        try {
          fs.mkdirSync(${JSON.stringify(join(folder, 'holder'))});
          await turn();
          fs.rmdirSync(${JSON.stringify(join(folder, 'holder'))});
        } catch {
          counts.two++;
        }
      }
      store[Symbol.dispose]();
      await turn();
    }
    say(counts);`;
  const racers = Array.from({length: 3}, () => startProcess(t, script));
  assert.deepEqual(
    await Promise.all(racers.map(racer => racer.hears(1))),
    Array(3).fill({held: 25, two: 0}),
  );
  assert.deepEqual(locksIn(folder), []);
});
