import assert from 'node:assert/strict';
import {execFile} from 'node:child_process';
import {mkdirSync, readdirSync, writeFileSync} from 'node:fs';
import {connect} from 'node:net';
import {join} from 'node:path';
import process from 'node:process';
import {type TestContext, test} from 'node:test';
import {parseAddress} from '../../protocol/address.ts';
import {frameKinds, preface} from '../../protocol/frame.ts';
import {startServer} from '../../server/server.ts';
import {noise, temporaryFolder} from '../fixtures/harness.ts';
import {limited, programWords, startServerProgram} from './journey.ts';

const skip = process.platform !== 'linux';

type Ended = {status: number | null; output: string; errors: string};

/** Run the built client with at most this many open files. */
function runLimited(t: TestContext, limit: number, words: readonly string[]): Promise<Ended> {
  const env = {...process.env, JANGADA_STATE: temporaryFolder(t)};
  const [file = '', ...rest] = limited(limit, programWords('jangada', words));
  return new Promise(resolve => {
    const child = execFile(
      file,
      rest,
      {env, maxBuffer: 64 * 1024 * 1024},
      (_error, output, errors) => resolve({status: child.exitCode, output, errors}),
    );
  });
}

/** Write `count` small files under `root`, a hundred in each folder, some levels deep. */
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

/** Start a server of `count` small files. `mget` fetches all of them with a limit of open files. */
async function startSmallFiles(t: TestContext, count: number) {
  const folder = temporaryFolder(t);
  const [root, target] = [join(folder, 'root'), join(folder, 'target')];
  writeSmallFiles(root, count);
  const server = await startServer({root, port: 0});
  t.after(() => server.close({graceMs: 0}));
  const words = ['mget', '**', '--server', server.address, '--to', target, '--quiet'];
  return {
    target,
    mget: (limit: number, ...more: string[]) => runLimited(t, limit, [...words, ...more]),
  };
}

const inSilence: Ended = {status: 0, output: '', errors: ''};

for (const limit of [256, 512, 1024]) {
  test(`4,000 small files arrive with a limit of ${limit} open files`, {skip}, async t => {
    const {target, mget} = await startSmallFiles(t, 4000);
    assert.deepEqual(await mget(limit), inSilence);
    assert.equal(filesIn(target), 4000);
  });
}

test('small files arrive with a limit of 64 open files, and the next run finds them complete', {
  skip,
}, async t => {
  const {target, mget} = await startSmallFiles(t, 600);
  assert.deepEqual(await mget(64), inSilence);
  assert.equal(filesIn(target), 600);
  assert.deepEqual(await mget(64, '--on-conflict', 'resume'), inSilence);
});

test('sixteen large files at once arrive with a limit of 64, because they wait for descriptors', {
  skip,
}, async t => {
  const folder = temporaryFolder(t);
  const [root, target] = [join(folder, 'root'), join(folder, 'target')];
  mkdirSync(root);
  for (let number = 0; number < 20; number++) {
    writeFileSync(join(root, `big-${number}`), noise(1_100_000, number));
  }

  const server = await startServer({root, port: 0});
  t.after(() => server.close({graceMs: 0}));
  const words = ['mget', '**', '--server', server.address, '--to', target, '--quiet'];
  const ended = await runLimited(t, 64, [...words, '--files', '16']);
  assert.deepEqual(ended, {status: 0, output: '', errors: ''});
  assert.equal(filesIn(target), 20);
});

/** Connect. Resolves with the kind of the first frame; undefined if the server closes the connection without one. */
function firstFrameKind(address: string): Promise<number | undefined> {
  const {host, port = 0} = parseAddress(address);
  return new Promise(resolve => {
    const socket = connect({host, port});
    socket.on('error', () => {});
    socket.on('data', bytes => resolve(bytes[4]));
    socket.on('close', () => resolve(undefined));
    socket.write(preface);
  });
}

test('a server with 32 descriptors answers or refuses each of 60 connections', {
  skip,
}, async t => {
  const root = temporaryFolder(t);
  writeFileSync(join(root, 'boat.txt'), 'jangada');
  const {address} = await startServerProgram(t, [root, '--port', '0'], {openFiles: 32});
  const kinds = await Promise.all(Array.from({length: 60}, () => firstFrameKind(address)));
  const greeted = kinds.filter(kind => kind === frameKinds.hello);
  assert.ok(greeted.length > 0);
  const others = kinds.filter(kind => kind !== frameKinds.hello && kind !== undefined);
  assert.ok(others.every(kind => kind === frameKinds.error));
});

test('a server with 32 descriptors lists and sends files, and says that a search needs more', {
  skip,
}, async t => {
  const folder = temporaryFolder(t);
  const target = join(folder, 'target');
  writeFileSync(join(folder, 'boat.txt'), 'jangada');
  const {address} = await startServerProgram(t, [folder, '--port', '0'], {openFiles: 32});
  const run = (...words: string[]) => runLimited(t, 1024, [...words, '--server', address]);
  assert.equal((await run('list', '--json')).status, 0);
  const fetched = await run('sget', 'boat.txt', '--to', target);
  assert.match(fetched.output, /^boat\.txt .* verified\n$/);
  const searched = await run('mget', '**', '--to', target);
  assert.equal(searched.status, 1);
  assert.match(searched.errors, /The limit of open files is too low for this/);
});
