import assert from 'node:assert/strict';
import {execFile} from 'node:child_process';
import {mkdirSync, readdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import process from 'node:process';
import {type TestContext, test} from 'node:test';
import {startServer} from '../../server/server.ts';
import {noise, temporaryFolder} from '../fixtures/harness.ts';
import {programWords} from './journey.ts';

const skip = process.platform !== 'linux';

type Ended = {status: number | null; output: string; errors: string};

/** Run the built client in a shell that lets it have so many files open. */
function runLimited(t: TestContext, limit: number, words: readonly string[]): Promise<Ended> {
  const env = {...process.env, JANGADA_STATE: temporaryFolder(t)};
  const shell = ['-c', `ulimit -n ${limit} && exec "$@"`, 'bash'];
  return new Promise(resolve => {
    const child = execFile(
      'bash',
      [...shell, ...programWords('jangada', words)],
      {env, maxBuffer: 64 * 1024 * 1024},
      (_error, output, errors) => resolve({status: child.exitCode, output, errors}),
    );
  });
}

/** `count` small files under `root`, a hundred to a folder, some levels deep. */
function writeSmallFiles(root: string, count: number): void {
  for (let number = 0; number < count; number++) {
    const folder = join(root, `folder-${Math.floor(number / 100)}`, 'inner');
    if (number % 100 === 0) {
      mkdirSync(folder, {recursive: true});
    }

    writeFileSync(join(folder, `file-${number}`), `${number}`);
  }
}

function filesIn(folder: string): number {
  return readdirSync(folder, {recursive: true, withFileTypes: true}).filter(entry => entry.isFile())
    .length;
}

for (const limit of [64, 256, 512, 1024]) {
  test(`4,000 small files arrive with a limit of ${limit} open files, and are found whole again`, {
    skip,
  }, async t => {
    const folder = temporaryFolder(t);
    const [root, target] = [join(folder, 'root'), join(folder, 'target')];
    writeSmallFiles(root, 4000);
    const server = await startServer({root, port: 0});
    t.after(() => server.close({graceMs: 0}));
    const words = ['mget', '**', '--server', server.address, '--to', target, '--quiet'];
    assert.deepEqual(await runLimited(t, limit, words), {status: 0, output: '', errors: ''});
    assert.equal(filesIn(target), 4000);
    const again = await runLimited(t, limit, [...words, '--on-conflict', 'resume']);
    assert.deepEqual(again, {status: 0, output: '', errors: ''});
  });
}

test('large files wait for descriptors, too: sixteen at once arrive with a limit of 64', {
  skip,
}, async t => {
  const folder = temporaryFolder(t);
  const [root, target] = [join(folder, 'root'), join(folder, 'target')];
  mkdirSync(root);
  for (let number = 0; number < 40; number++) {
    writeFileSync(join(root, `big-${number}`), noise(1_100_000, number));
  }

  const server = await startServer({root, port: 0});
  t.after(() => server.close({graceMs: 0}));
  const words = ['mget', '**', '--server', server.address, '--to', target, '--quiet'];
  const ended = await runLimited(t, 64, [...words, '--files', '16']);
  assert.deepEqual(ended, {status: 0, output: '', errors: ''});
  assert.equal(filesIn(target), 40);
});
