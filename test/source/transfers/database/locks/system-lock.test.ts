import assert from 'node:assert/strict';
import {chmodSync, existsSync, readdirSync, symlinkSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import process from 'node:process';
import {type TestContext, test} from 'node:test';
import {SystemLock} from '../../../../../source/transfers/database/locks/system-lock.ts';
import {temporaryFolder} from '../../../../fixtures/harness.ts';
import {startProcess} from '../../../../fixtures/queue/store-process.ts';

/** Another process, which holds the lock at `file`. */
async function startHolder(t: TestContext, file: string) {
  const holder = startProcess(
    t,
    `const lock = new SystemLock(${JSON.stringify(file)}); say(lock.take()); stay();`,
  );
  assert.equal(await holder.hears(0), true);
  return holder;
}

test('a lock is taken once in a process, and free after its release', t => {
  const file = join(temporaryFolder(t), 'deep/lock');
  using first = new SystemLock(file);
  using second = new SystemLock(file);
  assert.deepEqual([first.take(), first.take(), second.take()], [true, true, false]);
  assert.deepEqual([first.held, second.held], [true, false]);
  first[Symbol.dispose]();
  assert.deepEqual([first.held, second.take()], [false, true]);
});

test('a refused attempt takes nothing from the holder', async t => {
  const file = join(temporaryFolder(t), 'lock');
  using holder = new SystemLock(file);
  holder.take();
  const refused = new SystemLock(file);
  assert.equal(refused.take(), false);
  // When a process closes a file, the system drops its locks on it. So SQLite must have kept the file open.
  refused[Symbol.dispose]();
  const other = startProcess(t, `say(new SystemLock(${JSON.stringify(file)}).take());`);
  assert.equal(await other.hears(0), false);
});

test('a stopped process keeps its lock; a killed process loses it', async t => {
  const folder = temporaryFolder(t);
  const file = join(folder, 'lock');
  const holder = await startHolder(t, file);
  using lock = new SystemLock(file);
  assert.equal(lock.take(), false);
  await holder.kill('SIGSTOP');
  assert.equal(lock.take(), false);
  await holder.kill('SIGKILL');
  assert.equal(lock.take(), true);
  assert.deepEqual(readdirSync(folder), ['lock']);
});

test('a process keeps a lock to which its code has no more references', async t => {
  const file = join(temporaryFolder(t), 'lock');
  const holder = startProcess(
    t,
    `
    (() => new SystemLock(${JSON.stringify(file)}).take())();
    await turn();
    gc();
    await turn();
    say('collected');
    stay();`,
  );
  await holder.hears(0);
  using lock = new SystemLock(file);
  assert.equal(lock.take(), false);
});

test('removing the file ends a lock; a lock on the removed file does not count', t => {
  const folder = temporaryFolder(t);
  const file = join(folder, 'lock');
  using first = new SystemLock(file);
  using late = new SystemLock(file);
  using later = new SystemLock(file);
  first.take();
  assert.equal(late.take(), false);
  assert.equal(later.take(), false);
  first.remove();
  assert.deepEqual(readdirSync(folder), []);
  assert.deepEqual([late.take(), later.take(), first.take()], [true, false, false]);
});

test('a process that does not hold a lock cannot remove it', t => {
  const folder = temporaryFolder(t);
  using holder = new SystemLock(join(folder, 'lock'));
  using other = new SystemLock(join(folder, 'lock'));
  holder.take();
  other.take();
  other.remove();
  assert.deepEqual(readdirSync(folder), ['lock']);
});

test('however many processes take, release and remove a lock at once, only one holds it', async t => {
  const folder = temporaryFolder(t);
  // If locks did not compare the times of files, one of about a thousand holders would be a second one.
  const rounds = 150;
  // The holder makes a folder. A second holder would find this folder.
  const script = `
    const folder = ${JSON.stringify(folder)};
    say('ready');
    while (!fs.existsSync(folder + '/go')) await turn();
    const counts = {held: 0, two: 0};
    while (counts.held < ${rounds}) {
      const lock = new SystemLock(folder + '/lock');
      for (let tries = 0; tries < 5 && !lock.take(); tries++) await turn();
      if (lock.held) {
        counts.held++;
        try {
          fs.mkdirSync(folder + '/holder');
          await turn();
          fs.rmdirSync(folder + '/holder');
        } catch {
          counts.two++;
        }
        if (counts.held % 2 === 0) lock.remove();
      }
      lock[Symbol.dispose]();
      await turn();
    }
    say(counts);`;
  const racers = Array.from({length: 8}, () => startProcess(t, script));
  await Promise.all(racers.map(racer => racer.hears(0)));
  writeFileSync(join(folder, 'go'), '');
  assert.deepEqual(
    await Promise.all(racers.map(racer => racer.hears(1, 110_000))),
    Array(8).fill({held: rounds, two: 0}),
  );
});

test('if no file can be made, there is no lock, and the error says so', t => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'locks'), '');
  using lock = new SystemLock(join(folder, 'locks/lock'));
  assert.throws(() => lock.take(), {code: 'unsafe_target'});
  assert.equal(lock.held, false);
});

test('a file of another user that this user may only read is no lock', t => {
  const folder = temporaryFolder(t);
  const file = join(folder, 'lock');
  writeFileSync(file, '');
  chmodSync(file, 0o444);
  chmodSync(folder, 0o777);
  using one = new SystemLock(file);
  using other = new SystemLock(file);
  const isRoot = process.getuid?.() === 0;
  try {
    // The superuser may write every file.
    if (isRoot) {
      process.seteuid?.(65_534);
    }

    assert.throws(() => one.take(), {errcode: 8});
    assert.throws(() => other.take(), {errcode: 8});
  } finally {
    if (isRoot) {
      process.seteuid?.(0);
    }
  }

  assert.deepEqual([one.held, other.held], [false, false]);
});

test('a lock whose file was removed after it was opened is taken on a new file', t => {
  const file = join(temporaryFolder(t), 'lock');
  using holder = new SystemLock(file);
  using other = new SystemLock(file);
  holder.take();
  // This refused attempt has opened the file.
  assert.equal(other.take(), false);
  holder.remove();
  assert.equal(other.take(), true);
  assert.equal(existsSync(file), true);
});

test('a lock that is a symbolic link is refused, and no file is made at its target', t => {
  const folder = temporaryFolder(t);
  symlinkSync(join(folder, 'other'), join(folder, 'lock'));
  using lock = new SystemLock(join(folder, 'lock'));
  assert.throws(() => lock.take(), {code: 'unsafe_target'});
  assert.deepEqual([lock.held, readdirSync(folder)], [false, ['lock']]);
});
