import assert from 'node:assert/strict';
import {once} from 'node:events';
import {mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {suite, test} from 'node:test';
import {Worker} from 'node:worker_threads';
import {underLock} from '../../../protocol/program/under-lock.ts';
import {temporaryFolder} from '../../fixtures/harness.ts';
import {runAtOnce} from '../../fixtures/run-at-once.ts';
import {withTypeScript} from '../../fixtures/with-typescript.ts';

const source = JSON.stringify(
  new URL('../../../protocol/program/under-lock.ts', import.meta.url).href,
);

suite('a file that processes change under its lock', () => {
  test('has the changes of all of them', async t => {
    const file = join(temporaryFolder(t), 'count.txt');
    writeFileSync(file, '0');
    await runAtOnce(
      `import {readFileSync, writeFileSync} from 'node:fs';
      const {underLock} = await import(${source});
      const [file] = words;
      await begin();
      for (let index = 0; index < 20; index++) {
        underLock(file, () => writeFileSync(file, String(Number(readFileSync(file, 'utf8')) + 1)));
      }`,
      Array.from({length: 4}, () => [file]),
    );
    assert.equal(readFileSync(file, 'utf8'), '80');
  });

  test('is left alone, with a sentence, if another process holds the lock for too long', async t => {
    const folder = temporaryFolder(t);
    const file = join(folder, 'count.txt');
    const holder = new Worker(
      `const {parentPort, workerData} = require('node:worker_threads');
      import(workerData.source).then(({underLock}) => underLock(workerData.file, () => {
        parentPort.postMessage('held');
        Atomics.wait(workerData.end, 0, 0);
      }));`,
      {
        eval: true,
        execArgv: [...withTypeScript],
        workerData: {
          source: JSON.parse(source),
          file,
          end: new Int32Array(new SharedArrayBuffer(4)),
        },
      },
    );
    t.after(() => holder.terminate());
    await once(holder, 'message');
    const change = () => writeFileSync(file, 'changed');
    assert.throws(() => underLock(file, change, {patienceMs: 20}), {
      code: 'local_io',
      message: `'${join(folder, 'locks', 'count')}' cannot be locked: another jangada has held it for too long`,
    });
    assert.deepEqual(readdirSync(folder), ['locks']);
  });

  test('can be changed again after a change that has failed', t => {
    const file = join(temporaryFolder(t), 'count.txt');
    const fail = () => {
      throw new Error('no');
    };
    assert.throws(() => underLock(file, fail), /^Error: no$/);
    assert.equal(
      underLock(file, () => 7, {patienceMs: 0}),
      7,
    );
  });

  test('is not changed if its lock is a link, or cannot be made', t => {
    const folder = temporaryFolder(t);
    mkdirSync(join(folder, 'locks'));
    writeFileSync(join(folder, 'mine'), 'mine');
    symlinkSync(join(folder, 'mine'), join(folder, 'locks', 'count'));
    const change = () => assert.fail('nothing is locked');
    assert.throws(() => underLock(join(folder, 'count'), change), {code: 'unsafe_target'});
    assert.throws(() => underLock(join(folder, 'mine', 'count'), change), {code: 'local_io'});
    assert.equal(readFileSync(join(folder, 'mine'), 'utf8'), 'mine');
  });
});
