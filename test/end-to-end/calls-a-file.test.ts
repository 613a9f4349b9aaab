/** The system calls of the program for each of many small files. They are most of the cost of such a file. */
import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {noise, startHarness, temporaryFolder, treeOf} from '../fixtures/harness.ts';
import {cannotTrace} from '../fixtures/strace.ts';
import {programWords} from './journey.ts';

const count = 1200;

/**
 * The most calls for each file, by name, in all processes together: check that the name is free; open, write, check, set
 * the time of, flush, check again and close the partial file; link the final name, and unlink the other.
 */
const most: Readonly<Record<string, number>> = {
  statx: 3,
  openat: 1,
  pwrite64: 1,
  utimensat: 1,
  fsync: 1,
  close: 1,
  link: 1,
  unlink: 1,
};

/** Calls for everything else: the code of the program, folders, the database. */
const others = 500;

test('a small file costs at most ten calls, whichever process writes it, and its folder is flushed once a group', {
  skip: cannotTrace,
}, async t => {
  const {root, target, server, serve} = await startHarness(t);
  for (let index = 0; index < count; index++) {
    serve(`d/f${index}`, noise(1000, index));
  }

  const trace = join(temporaryFolder(t), 'trace');
  const [file = '', ...words] = programWords('jangada', ['mget', '**', '-o', target]);
  const calls = `trace=${Object.keys(most).join()},rename,readlink,newfstatat,access`;
  const status = await new Promise<number | null>(resolve => {
    // `spawn` does not block: the server of this test must answer meanwhile.
    const child = spawn('strace', ['-f', '-qq', '-e', calls, '-o', trace, file, ...words], {
      env: {...process.env, JANGADA_SERVER: server.address, JANGADA_STATE: temporaryFolder(t)},
      stdio: 'ignore',
    });
    child.on('close', resolve);
  });
  assert.equal(status, 0);
  assert.deepEqual(treeOf(target), treeOf(root));

  const made = new Map<string, number>();
  for (const [, name = ''] of readFileSync(trace, 'utf8').matchAll(/^\d+ +(\w+)\(/gm)) {
    made.set(name, (made.get(name) ?? 0) + 1);
  }

  for (const [name, number] of made) {
    const allowed = (most[name] ?? 0) * count + others;
    assert.ok(number <= allowed, `${number} calls of ${name} for ${count} files`);
  }

  // One flush for each file, and one of the folder for each group.
  const flushes = made.get('fsync') ?? 0;
  assert.ok(flushes >= count && flushes <= count * 1.05, `${flushes} flushes`);
});
