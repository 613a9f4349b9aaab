import assert from 'node:assert/strict';
import path from 'node:path';
import {test} from 'node:test';
import {formatAddress} from '../../../../protocol/address.ts';
import {encodeFrame, frameKinds} from '../../../../protocol/frame.ts';
import {encodeAnswer} from '../../../../protocol/messages.ts';
import {startHarness, temporaryFolder} from '../../../fixtures/harness.ts';
import {endOf, listedIn} from '../../../fixtures/json-output.ts';
import {startHostileServer} from '../../../fixtures/server/hostile-server.ts';
import {runHere} from '../run.ts';

test('a file that is named and also matches a mask is queued once', async t => {
  const {serve, server, target} = await startHarness(t);
  for (const name of ['a.txt', 'b.txt', 'sub/a.txt']) {
    serve(name, name);
  }

  const words = ['-s', server.address, '-o', target, '--json'];
  const ran = await runHere(['queue', 'add', 'a.txt', 'sub/a.txt', 'a.txt', '*.txt', ...words]);
  assert.equal(ran.status, 1);
  // Both would be saved as a.txt, because only a mask keeps folders.
  assert.equal(ran.stderr, 'jangada: sub/a.txt: another file is saved under the same name\n');
  const queued = listedIn(ran.stdout) as Array<{path: string}>;
  assert.deepEqual(
    queued.map(row => row.path),
    ['a.txt', 'b.txt'],
  );
  const {code, failed, failures} = endOf(ran.stdout);
  const message = 'another file is saved under the same name';
  assert.deepEqual(
    {code, failed, failures},
    {code: 'exists', failed: 1, failures: [{path: 'sub/a.txt', code: 'exists', message}]},
  );
  const again = await runHere(['queue', 'add', 'a.txt', 'a*', '-s', server.address, '-o', target]);
  assert.deepEqual(again, {
    status: 0,
    stdout: '0 files, 0 B queued; 1 queued already\n',
    stderr: '',
  });
});

test('a file whose name begins with an exclamation mark is queued as the error for excludes says', async t => {
  const {serve, server, target} = await startHarness(t);
  serve('!bang', 'x');
  serve('other', 'y');
  const words = ['-s', server.address, '-o', target, '--json'];
  const excludes = await runHere(['queue', 'add', '!bang', ...words.slice(0, -1)]);
  assert.equal(excludes.status, 2);
  assert.match(excludes.stderr, /or '\\!bang' for what has that name/);
  const ran = await runHere(['queue', 'add', '\\!bang', ...words]);
  assert.deepEqual([ran.status, ran.stderr], [0, '']);
  const queued = listedIn(ran.stdout) as Array<{path: string}>;
  assert.deepEqual(
    queued.map(row => row.path),
    ['!bang'],
  );
});

test('the last event has each file that is not queued, with the reason', async t => {
  const {serve, server, target} = await startHarness(t);
  for (const name of ['b.txt', 'folder/b.txt']) {
    serve(name, name);
  }

  const add = async (...names: string[]) =>
    endOf(
      (await runHere(['queue', 'add', ...names, '--json', '-s', server.address, '-o', target]))
        .stdout,
    ).failures;
  assert.deepEqual(await add('b.txt'), []);
  const failures = await add('nope', 'b.txt', 'folder', 'folder/b.txt', 'nothing*');
  assert.deepEqual(
    (failures as Array<Record<string, string>>).map(({path, code, message}) => [
      ...[path, code, /nope|it is a folder|another file/.exec(message ?? '')?.[0]],
    ]),
    [
      ['nope', 'not_found', 'nope'],
      ['folder', 'not_a_file', 'it is a folder'],
      ['folder/b.txt', 'exists', 'another file'],
    ],
  );
  const [other] = (await add('folder/b.txt')) as Array<Record<string, string>>;
  assert.deepEqual([other?.path, other?.code], ['folder/b.txt', 'exists']);
});

test('of files that are not queued for the same reason, twenty are named and the others counted', async t => {
  const {serve, server, target} = await startHarness(t);
  const names = Array.from({length: 25}, (_, number) => `${number}/a.txt`);
  for (const name of names) {
    serve(name, name);
  }

  const ran = await runHere(['queue', 'add', ...names, '-s', server.address, '-o', target]);
  assert.equal(ran.status, 1);
  const reason = 'another file is saved under the same name';
  assert.deepEqual(ran.stderr.trimEnd().split('\n'), [
    ...names.slice(1, 21).map(name => `jangada: ${name}: ${reason}`),
    `jangada: and 4 more like 1/a.txt: ${reason}`,
  ]);
});

test('names that the masks exclude are refused, even if the server sends them', async t => {
  const address = await startHostileServer(t, (socket, {kind}) => {
    if (kind === frameKinds.find) {
      const entries = ['a.jpg', 'raw/b.jpg'].map(name => ({
        name,
        type: 'file',
        size: 0,
        mtimeMs: 0,
      }));
      socket.write(encodeFrame(frameKinds.entries, JSON.stringify({entries})));
      socket.write(encodeAnswer('end', {count: 2, bytes: 0}));
    }
  });
  const target = path.join(temporaryFolder(t), 'to');
  const words = ['-s', formatAddress(address), '-o', target];
  const ran = await runHere(['queue', 'add', '**/*.jpg', '!raw', ...words]);
  assert.equal(ran.status, 1);
  assert.match(ran.stdout, /^1 file, 0 B queued/);
  assert.equal(ran.stderr, 'jangada: raw/b.jpg: the server named it, but it matches no mask\n');
});

test('more files than fit into memory at once are all queued, once and in order', async t => {
  const names = Array.from({length: 2500}, (_, number) => `file-${number}`);
  const address = await startHostileServer(t, (socket, {kind}) => {
    if (kind === frameKinds.find) {
      for (let from = 0; from < names.length; from += 700) {
        const entries = names
          .slice(from, from + 700)
          .map(name => ({name, type: 'file', size: 2, mtimeMs: 0}));
        socket.write(encodeFrame(frameKinds.entries, JSON.stringify({entries})));
      }

      socket.write(encodeAnswer('end', {count: names.length, bytes: 0}));
    }
  });
  const target = path.join(temporaryFolder(t), 'to');
  const words = ['queue', 'add', '**', '-s', formatAddress(address), '-o', target];
  const ran = await runHere([...words, '--json']);
  const queued = listedIn(ran.stdout) as Array<{path: string}>;
  assert.deepEqual(
    queued.map(row => row.path),
    names,
  );
  assert.deepEqual(await runHere(words), {
    status: 0,
    stdout: '0 files, 0 B queued; 2500 queued already\n',
    stderr: '',
  });
});
