import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';
import {once} from 'node:events';
import {readdirSync, readFileSync, symlinkSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import process from 'node:process';
import {suite, test} from 'node:test';
import {Worker} from 'node:worker_threads';
import {underLock} from '../../../protocol/program/under-lock.ts';
import {temporaryFolder} from '../../fixtures/harness.ts';
import {runAtOnce} from '../../fixtures/run-at-once.ts';
import {cannotTrace} from '../../fixtures/strace.ts';
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
      message: `'${file}' cannot be changed: another jangada has held '${file}.lock' for too long`,
    });
    assert.deepEqual(readdirSync(folder), ['count.txt.lock']);
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

  test('is not changed if its lock is a link', t => {
    const folder = temporaryFolder(t);
    writeFileSync(join(folder, 'mine'), 'mine');
    symlinkSync(join(folder, 'mine'), join(folder, 'count.lock'));
    const change = () => assert.fail('nothing is locked');
    assert.throws(() => underLock(join(folder, 'count'), change), {code: 'unsafe_target'});
    assert.equal(readFileSync(join(folder, 'mine'), 'utf8'), 'mine');
  });

  test('is changed, or cannot be, as without a lock, where no lock can be made', t => {
    const folder = temporaryFolder(t);
    writeFileSync(join(folder, 'mine'), 'mine');
    const below = join(folder, 'mine', 'count');
    const change = () => writeFileSync(below, 'changed');
    assert.throws(() => underLock(below, change), {code: 'ENOTDIR', path: below});
  });

  for (const code of ['ENOLCK', 'EOPNOTSUPP']) {
    test(`is changed on a disk without locks: ${code}`, {skip: cannotTrace}, t => {
      const folder = temporaryFolder(t);
      const file = join(folder, 'count');
      const fail = `-e trace=fcntl -e inject=fcntl:error=${code} -P '${file}.lock' -P "${file}.lock.$$"`;
      const script = `import {underLock} from ${source}; console.log(underLock(process.argv[1], () => 7));`;
      const node = [process.execPath, ...withTypeScript, '--input-type=module', '-e', script, file];
      const {stdout, stderr} = spawnSync(
        'bash',
        ['-c', `exec strace -D -f -qq -o '${folder}/trace' ${fail} "$@"`, 'bash', ...node],
        {encoding: 'utf8'},
      );
      assert.deepEqual([stdout, stderr], ['7\n', '']);
      assert.match(readFileSync(join(folder, 'trace'), 'utf8'), /INJECTED/);
      assert.deepEqual(readdirSync(folder).sort(), ['count.lock', 'trace']);
    });
  }
});
