import assert from 'node:assert/strict';
import {execFile, spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdtempSync, realpathSync, rmdirSync} from 'node:fs';
import {join, relative} from 'node:path';
import process from 'node:process';
import {createInterface} from 'node:readline';
import {type TestContext, test} from 'node:test';
import {temporaryFolder} from '../fixtures/harness.ts';
import {Terminal} from '../fixtures/terminal.ts';
import {programWords, startJourney} from './journey.ts';

const skip = process.platform === 'win32' && 'a current folder cannot be deleted on Windows';

/** A command line that runs a built program in a folder that is already deleted. */
function nowhere(
  t: TestContext,
  name: 'jangada' | 'jangada-server',
  words: readonly string[],
): [string, string[]] {
  const folder = mkdtempSync(join(temporaryFolder(t), 'gone-'));
  const script = 'cd "$1" && rmdir "$1" && shift && exec "$@"';
  return ['sh', ['-c', script, 'sh', folder, ...programWords(name, words)]];
}

async function startNowhere(t: TestContext) {
  const journey = await startJourney(t, {files: {a: 'rain', 'b/c': 'sun'}});
  const {server, target} = journey;
  const environment = {JANGADA_SERVER: server.address, JANGADA_STATE: join(target, '.state')};
  const run = (name: 'jangada' | 'jangada-server', ...words: string[]) =>
    new Promise<{status: unknown; stdout: string; stderr: string}>(resolve => {
      const env = {...process.env, ...environment};
      execFile(...nowhere(t, name, words), {env}, (error, stdout, stderr) => {
        resolve({status: error?.code ?? 0, stdout, stderr});
      });
    });
  return {...journey, environment, run};
}

test('in a deleted folder, everything that needs no local folder works', {skip}, async t => {
  const {target, saved, run} = await startNowhere(t);
  const listed = await run('jangada', 'list');
  assert.deepEqual([listed.status, listed.stderr], [0, '']);
  assert.match(listed.stdout, /a\n$/);
  assert.match((await run('jangada', 'hash', 'a')).stdout, /^[0-9a-f]{64} {2}a\n$/);
  assert.equal((await run('jangada', 'sget', 'a', '-o', target)).status, 0);
  assert.equal(saved('a')?.toString(), 'rain');
});

for (const [name, words] of [
  ['jangada', ['sget', 'a']],
  ['jangada', ['mget', '*', '-o', 'here']],
  ['jangada', ['hash', 'a', '--compare', 'a']],
  ['jangada', ['serve']],
  ['jangada-server', []],
] as const) {
  test(`in a deleted folder, ${[name, ...words].join(' ')} says so`, {skip}, async t => {
    const {run} = await startNowhere(t);
    const ran = await run(name, ...words);
    assert.deepEqual([ran.status, ran.stdout], [1, '']);
    assert.match(
      ran.stderr,
      /^jangada(?:-server)?: The current folder does not exist any more\. .*\n$/,
    );
  });
}

test('the full screen opens in a deleted folder', {skip}, async t => {
  const {server, target, environment} = await startNowhere(t);
  const [file, words] = nowhere(t, 'jangada', [server.address, '--to', target]);
  const screen = Terminal.start(t, [file, ...words], {environment});
  await screen.waitFor(/b\/|b /);
  screen.press({text: 'q'});
  assert.equal((await screen.ended()).status, 0);
});

test('a server can start threads after its start folder was deleted', {
  skip,
}, async t => {
  const {root, target, saved, run} = await startNowhere(t);
  const folder = mkdtempSync(join(realpathSync(temporaryFolder(t)), 'start-'));
  // A path relative to the start folder.
  const served = relative(folder, root);
  const [file = '', ...words] = programWords('jangada-server', [served, '--port', '0']);
  const child = spawn(file, words, {cwd: folder, stdio: ['ignore', 'pipe', 'ignore']});
  t.after(() => child.kill('SIGKILL'));
  const [address] = await once(createInterface({input: child.stdout}), 'line');
  rmdirSync(folder);
  const fetched = await run('jangada', 'mget', '**', '-o', target, '-s', address);
  assert.deepEqual([fetched.status, saved('b/c')?.toString()], [0, 'sun'], fetched.stderr);
  const hashed = await run('jangada', 'hash', 'a', '-s', address);
  assert.deepEqual([hashed.status, hashed.stderr], [0, '']);
});

test('a server that was started in a deleted folder can be searched', {skip}, async t => {
  const {root, target, saved, run} = await startNowhere(t);
  const [file, words] = nowhere(t, 'jangada-server', [root, '--port', '0']);
  const child = spawn(file, words, {stdio: ['ignore', 'pipe', 'ignore']});
  t.after(() => child.kill('SIGKILL'));
  const [address] = await once(createInterface({input: child.stdout}), 'line');
  assert.equal((await run('jangada', 'mget', '**', '-o', target, '-s', address)).status, 0);
  assert.equal(saved('b/c')?.toString(), 'sun');
});
