/** A server whose disk fails. `strace` makes the system answer as a disk does that cannot be read. */
import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import {spawnSync} from 'node:child_process';
import {mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {type TestContext, test} from 'node:test';
import {blockSize} from '../../protocol/block.ts';
import {noise, temporaryFolder, treeOf} from '../fixtures/harness.ts';
import {endOf} from '../fixtures/json-output.ts';
import {cannotTrace} from '../fixtures/strace.ts';
import {programWords, startServerProgram} from './journey.ts';

type Event = Record<string, unknown>;

const files: Readonly<Record<string, Buffer>> = {
  'good/a': Buffer.from('one'),
  'good/large': noise(3 * blockSize, 1),
  'broken/b': Buffer.from('two'),
  'broken/large': noise(3 * blockSize, 2),
  last: Buffer.from('three'),
};

/** Start a server of `files` to which `calls` for `broken` fail with EIO; `mget '**'` fetches all of them. */
async function startBroken(t: TestContext, calls: string, broken: string) {
  const folder = temporaryFolder(t);
  const [root, target, log] = [join(folder, 'root'), join(folder, 'target'), join(folder, 'log')];
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), {recursive: true});
    writeFileSync(join(root, name), content);
  }

  const fault = [
    '-e',
    `trace=${calls}`,
    '-e',
    `inject=${calls}:error=EIO`,
    '-P',
    join(root, broken),
  ];
  const trace = ['strace', '-D', '-f', '-qq', '-o', join(folder, 'trace'), ...fault];
  const under = ['bash', '-c', `exec "$@" 2> '${log}'`, 'bash', ...trace];
  const {address} = await startServerProgram(t, [root, '--port', '0'], {under});
  const words = ['mget', '**', '--server', address, '--to', target, '--json', '--retries', '0'];
  const [file = '', ...rest] = programWords('jangada', words);
  const env = {...process.env, JANGADA_STATE: temporaryFolder(t)};
  const {status, stdout, stderr} = spawnSync(file, rest, {env, encoding: 'utf8'});
  const events = stdout
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as Event);
  const logged = readFileSync(log, 'utf8')
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as Event);
  return {status, stderr, events, end: endOf(stdout), here: treeOf(target), logged};
}

/** All files but these have arrived, byte for byte. */
function assertHere(here: ReadonlyMap<string, Buffer>, ...missing: readonly string[]): void {
  const names = Object.keys(files).filter(name => !missing.includes(name));
  assert.deepEqual([...here.keys()].toSorted(), names.toSorted());
  for (const [name, content] of here) {
    assert.ok(content.equals(files[name] ?? assert.fail()), name);
  }
}

test('a folder that the disk cannot read is named, counted and logged; all others arrive', {
  skip: cannotTrace,
}, async t => {
  const {status, stderr, events, end, here, logged} = await startBroken(t, 'getdents64', 'broken');
  assertHere(here, 'broken/b', 'broken/large');
  const message = 'the server could not search it: it could not be read';
  assert.deepEqual([status, stderr], [1, `jangada: broken: ${message}\n`]);
  assert.deepEqual(
    events.filter(({event}) => event === 'failed'),
    [{event: 'failed', path: 'broken', code: 'internal', message}],
  );
  assert.deepEqual([end.outcome, end.status, end.failed, end.files], ['failure', 1, 1, 3]);
  const [warning] = logged.filter(({msg}) => msg === 'a search could not read every folder');
  assert.deepEqual([warning?.level, warning?.first], [40, ['broken: internal']]);
});

for (const name of ['broken/b', 'broken/large']) {
  test(`a file that the disk cannot read is named, counted and logged; all others arrive: ${name}`, {
    skip: cannotTrace,
  }, async t => {
    const {status, stderr, events, end, here, logged} = await startBroken(t, 'read,pread64', name);
    assertHere(here, name);
    const message = `The server could not read '${name}'`;
    assert.deepEqual([status, stderr], [1, `jangada: ${name}: ${message}\n`]);
    assert.deepEqual(
      events.filter(({event}) => event === 'failed'),
      [{event: 'failed', path: name, code: 'internal', message}],
    );
    assert.deepEqual([end.outcome, end.status, end.failed, end.files], ['failure', 1, 1, 4]);
    // On a slow machine the client asks over several connections, and each of these requests fails.
    const causes = logged.filter(({level}) => level === 50).map(({cause}) => cause);
    assert.deepEqual([...new Set(causes)], ['Error: EIO: i/o error, read']);
  });
}
