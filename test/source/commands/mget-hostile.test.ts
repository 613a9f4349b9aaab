import assert from 'node:assert/strict';
import path from 'node:path';
import {type TestContext, test} from 'node:test';
import {formatAddress} from '../../../protocol/address.ts';
import {encodeFrame, frameKinds} from '../../../protocol/frame.ts';
import {encodeAnswer} from '../../../protocol/messages.ts';
import type {WirePath} from '../../../protocol/remote-path.ts';
import {temporaryFolder} from '../../fixtures/harness.ts';
import {startHostileServer} from '../../fixtures/server/hostile-server.ts';
import {type Ran, runHere} from './run.ts';

const emptyHash = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

import {treeOf} from './tree-of.ts';

type Named = {name: WirePath; type: 'file' | 'folder' | 'other'};

/** A server that finds `named`. Every file is empty. Search number n is cut after `cuts[n]` entries. */
async function liar(
  t: TestContext,
  named: readonly Named[],
  {cuts = [], features = ['find-folders']}: {cuts?: number[]; features?: string[]} = {},
) {
  const asked: Array<Record<string, unknown>> = [];
  const address = await startHostileServer(
    t,
    (socket, {kind, body}) => {
      if (kind === frameKinds.find) {
        const cut = cuts[asked.push(body) - 1];
        const entries = named.slice(0, cut).map(entry => ({...entry, size: 0, mtimeMs: 0}));
        socket.write(encodeFrame(frameKinds.entries, JSON.stringify({entries})));
        if (cut === undefined) {
          socket.write(encodeAnswer('end', {count: named.length, bytes: 0}));
        } else {
          socket.end();
        }
      } else if (kind === frameKinds.get) {
        socket.write(encodeAnswer('file', {size: 0, mtimeMs: 0, version: 'v'}));
        socket.write(encodeAnswer('end', {size: 0, version: 'v', root: emptyHash}));
      } else {
        socket.write(encodeAnswer('end', {size: 0, version: 'v', root: emptyHash}));
      }
    },
    features,
  );
  const folder = temporaryFolder(t);
  return {
    asked,
    folder,
    mget: (...words: string[]): Promise<Ran> =>
      runHere(['mget', ...words, '-o', path.join(folder, 'to'), '-s', formatAddress(address)]),
  };
}

const folder = (name: string): Named => ({name, type: 'folder'});
const file = (name: string): Named => ({name, type: 'file'});

test('a server that cannot search for folders is reported in one sentence', async t => {
  const {asked, folder: here, mget} = await liar(t, [file('a')], {features: ['fly']});
  const ran = await mget('*', '--dirs');
  assert.deepEqual(ran, {
    status: 1,
    stdout: '',
    stderr:
      'jangada: The server (hostile) cannot search for folders: it needs a newer version of jangada-server\n',
  });
  assert.deepEqual(asked, []);
  assert.deepEqual(
    treeOf(here).filter(name => name !== 'to/'),
    [],
  );
  // Without --dirs this server is good enough.
  assert.equal((await mget('*')).status, 0);
  assert.deepEqual(asked, [{masks: ['*'], path: ''}]);
});

test('row 43: folders that the server must not name are refused by name', async t => {
  const bad = ['../evil', '/evil', '', 'a/../../evil', 'x/evil', 'evil', './x.d', 'x.d//'];
  const partial = 'half.d/x.jangada-part/z.d';
  const {folder: here, mget} = await liar(t, [
    ...bad.map(folder),
    {name: 'fifo.d', type: 'other'},
    folder('good.d'),
    folder('good.d'),
    file('good.d'),
    folder('x.d.jangada-part'),
    folder(partial),
    file('file.d'),
    folder('file.d'),
    folder('also.d'),
  ]);
  const ran = await mget('*.d', '*.d/**', '*.jangada-part', '--dirs');
  assert.equal(ran.status, 1);
  assert.deepEqual(treeOf(here), ['to/', 'to/also.d/', 'to/file.d', 'to/good.d/']);
  const lines = ran.stderr.trimEnd().split('\n');
  for (const name of [...bad, 'fifo.d']) {
    assert.ok(
      lines.some(line => line.startsWith(`jangada: ${name}: the server named it, but it `)),
      name,
    );
  }

  for (const name of ['x.d.jangada-part', partial]) {
    assert.ok(
      lines.includes(`jangada: ${name}: the server named it, but it has the name of a partial`),
    );
  }

  assert.equal(
    lines.filter(line => line === 'jangada: good.d: the server named it twice').length,
    2,
  );
  assert.ok(lines.includes('jangada: file.d: the server named it twice'));
  assert.match(ran.stdout, /1 file, .*; 2 folders made, 14 failed\n(failed {2}.*\n){14}$/);
});

test('row 43: unrequested folders are refused', async t => {
  const {folder: here, mget} = await liar(t, [folder('a'), file('b')]);
  const ran = await mget('*');
  assert.equal(ran.status, 1);
  assert.match(ran.stderr, /^jangada: a: the server named it, but it is no file under the root\n$/);
  assert.deepEqual(treeOf(here), ['to/', 'to/b']);
});

test('a file that the masks exclude is refused, even if the server names it', async t => {
  const {folder: here, mget} = await liar(t, [file('a.txt'), file('no/b.txt')]);
  const ran = await mget('**', '!no/**');
  assert.equal(ran.status, 1);
  assert.match(ran.stderr, /^jangada: no\/b\.txt: the server named it, but it matches no mask\n$/);
  assert.deepEqual(treeOf(here), ['to/', 'to/a.txt']);
});

test('row 14: folders and files with the same local name are not mixed up', async t => {
  const raw = {base64: Buffer.from([0x78, 0xe9]).toString('base64')};
  const {folder: here, mget} = await liar(t, [
    folder('x%E9'),
    {name: raw, type: 'file'},
    {name: raw, type: 'folder'},
    file('y'),
  ]);
  const ran = await mget('*', '--dirs', '--on-conflict', 'overwrite');
  assert.equal(ran.status, 1);
  assert.equal(
    ran.stderr,
    'jangada: x\\xe9: the server named it twice\n' +
      'jangada: x\\xe9: another file is saved under the same name\n',
  );
  assert.deepEqual(treeOf(here), ['to/', 'to/x%E9/', 'to/y']);
});

test('a search whose connection is cut begins again, and each entry is handled once', async t => {
  const names = [folder('a'), folder('A'), file('a/x'), file('b/../c'), folder('d'), file('e')];
  const {asked, folder: here, mget} = await liar(t, names, {cuts: [0, 2, 4, 5]});
  const ran = await mget('**', '--dirs', '--retries', '4', '--json');
  assert.equal(ran.status, 1);
  assert.deepEqual(treeOf(here), ['to/', 'to/A/', 'to/a/', 'to/a/x', 'to/d/', 'to/e']);
  assert.equal(asked.length, 5);
  assert.ok(asked.every(({folders}) => folders === true));
  const told = ran.stdout
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line));
  const made = told.filter(({event}) => event === 'folder').map(event => event.path);
  assert.deepEqual(made, ['a', 'A', 'd']);
  const {files, folders, failed} = told.at(-1);
  assert.deepEqual({files, folders, failed}, {files: 2, folders: 3, failed: 1});
});
