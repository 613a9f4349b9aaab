import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import {execFileSync} from 'node:child_process';
import {linkSync, mkdirSync, renameSync, symlinkSync, writeFileSync} from 'node:fs';
import {createServer} from 'node:net';
import {join} from 'node:path';
import {test} from 'node:test';
import {ServedFolder} from '../../../../fixtures/server/server-folder.ts';
import {
  blockOf,
  entriesIn,
  json,
  kinds,
  type RawPeer,
  rawFrame,
} from '../../../../fixtures/server/server-raw-peer.ts';

const requests = [
  ['list', kinds.list, {}],
  ['stat', kinds.stat, {}],
  ['find', kinds.find, {masks: ['**']}],
  ['digests', kinds.digests, {}],
  ['get', kinds.get, {}],
  ['hash', kinds.hash, {}],
] as const;

async function codes(peer: RawPeer, path: unknown): Promise<(string | undefined)[]> {
  const all: (string | undefined)[] = [];
  for (const [, kind, rest] of requests) {
    peer.request(kind, {...rest, path});
    all.push(await peer.errorCode());
  }

  return all;
}

async function names(peer: RawPeer, path = ''): Promise<unknown[]> {
  return entriesIn(await peer.ask(kinds.list, {path})).map(({name}) => name);
}

test('rows 1–7, 9, 10: a path that breaks a rule is a bad request, in every kind of request', async () => {
  await using folder = await ServedFolder.start({'a/b': 'x', file: 'y'});
  writeFileSync(join(folder.outside, 'x'), 'outside');
  const peer = await folder.peer();
  const paths = [
    '../x',
    'a/../../x',
    '/etc/passwd',
    'a/../b',
    'a//b',
    './a',
    'file/',
    'a\0b',
    'n'.repeat(256),
    `${'d/'.repeat(64)}f`,
    `${'n'.repeat(250)}/`.repeat(17).slice(0, -1),
    '\ud800',
    {base64: Buffer.from('../x').toString('base64')},
    {base64: Buffer.from('/etc/passwd').toString('base64')},
    {base64: '!!'},
    7,
    null,
    ['a'],
  ];
  for (const path of paths) {
    assert.deepEqual(new Set(await codes(peer, path)), new Set(['bad_request']), String(path));
  }

  assert.equal((await peer.ask(kinds.stat, {path: 'file'}))[0]?.kind, kinds.entry);
});

test('row 8: nothing is decoded: escapes and look-alikes are plain names', async () => {
  await using folder = await ServedFolder.start();
  const peer = await folder.peer();
  for (const path of ['%2e%2e%2fx', '．．', '..%2fx', '‥']) {
    assert.deepEqual(new Set(await codes(peer, path)), new Set(['not_found']), path);
  }
});

test('rows 11, 12: on other systems, names with a special meaning on Windows are plain names', {
  skip: process.platform === 'win32',
}, async () => {
  const plain = ['a\\b', 'C:x', 'CON', 'f:stream', 'dot.', 'space '];
  await using folder = await ServedFolder.start(
    Object.fromEntries(plain.map(name => [name, name])),
  );
  const peer = await folder.peer();
  for (const path of plain) {
    const block = (await peer.ask(kinds.get, {path})).find(({kind}) => kind === kinds.block);
    assert.equal(block && blockOf(block).bytes.toString(), path);
  }

  // None of these names means one of the files.
  for (const path of ['a/b', 'x', 'f', 'dot', 'space', 'con']) {
    assert.deepEqual(new Set(await codes(peer, path)), new Set(['not_found']), path);
  }
});

test('row 13: a name that is not UTF-8 is listed, found and fetched', async () => {
  await using folder = await ServedFolder.start();
  const name = Buffer.from([0x63, 0x61, 0x66, 0xe9]);
  mkdirSync(Buffer.concat([Buffer.from(`${folder.path}/`), name]));
  writeFileSync(
    Buffer.concat([Buffer.from(`${folder.path}/`), name, Buffer.from('/'), name]),
    'bytes',
  );
  const peer = await folder.peer();
  const wire = {base64: name.toString('base64')};
  assert.deepEqual(await names(peer), [wire]);
  const inner = {base64: Buffer.concat([name, Buffer.from('/'), name]).toString('base64')};
  const answer = await peer.ask(kinds.get, {path: inner});
  const block = answer.find(({kind}) => kind === kinds.block);
  assert.equal(block && blockOf(block).bytes.toString(), 'bytes');
  const found = await peer.ask(kinds.find, {path: '', masks: ['**']});
  assert.deepEqual(entriesIn(found)[0]?.name, inner);
});

test('rows 15, 16: links that leave the root, loops and dangling links do not exist', async () => {
  await using folder = await ServedFolder.start({'a/file': 'x'});
  mkdirSync(join(folder.outside, 'secret'));
  writeFileSync(join(folder.outside, 'secret/key'), 'k');
  // The path of this folder begins with the path of the root.
  mkdirSync(join(folder.outside, 'served-too'));
  writeFileSync(join(folder.outside, 'served-too/key'), 'k');
  const links = {
    out: '../secret',
    outFile: '../secret/key',
    absolute: join(folder.outside, 'secret'),
    etc: '/etc/passwd',
    loop: 'loop',
    ping: 'pong',
    pong: 'ping',
    dangling: 'nowhere',
    sibling: '../served-too',
    above: '..',
    proc: '/proc/self/root',
  };
  for (const [name, target] of Object.entries(links)) {
    symlinkSync(target, join(folder.path, name));
  }

  symlinkSync('../out', join(folder.path, 'a/over'));
  const peer = await folder.peer();
  assert.deepEqual(await names(peer), ['a']);
  assert.deepEqual(await names(peer, 'a'), ['file']);
  for (const path of [
    ...Object.keys(links),
    'out/key',
    'sibling/key',
    'a/over/key',
    'above/served/a',
  ]) {
    assert.deepEqual(new Set(await codes(peer, path)), new Set(['not_found']), path);
  }

  const found = await peer.ask(kinds.find, {
    path: '',
    masks: ['**', 'out/key', 'out/*', 'proc/etc/*'],
  });
  assert.deepEqual(json(found.at(-1) ?? assert.fail()), {count: 1, bytes: 1});
});

test('links inside the root work, with the type, size and time of their targets', async () => {
  await using folder = await ServedFolder.start({'a/old': 'twelve bytes'});
  symlinkSync('a', join(folder.path, 'toFolder'));
  symlinkSync('toFolder/old', join(folder.path, 'toFile'));
  symlinkSync(join(folder.path, 'a/old'), join(folder.path, 'absolute'));
  symlinkSync('../a', join(folder.path, 'a/round'));
  const peer = await folder.peer();
  const entries = entriesIn(await peer.ask(kinds.list, {path: ''}));
  assert.deepEqual(entries.map(({name, type, size}) => `${name} ${type} ${size}`).sort(), [
    'a folder 0',
    'absolute file 12',
    'toFile file 12',
    'toFolder folder 0',
  ]);
  assert.deepEqual((await names(peer, 'toFolder')).sort(), ['old', 'round']);
  for (const path of ['toFile', 'absolute', 'toFolder/old', 'a/round/round/old']) {
    const block = (await peer.ask(kinds.get, {path})).find(({kind}) => kind === kinds.block);
    assert.equal(block && blockOf(block).bytes.toString(), 'twelve bytes', path);
  }

  const found = await peer.ask(kinds.find, {path: '', masks: ['**']});
  const paths = entriesIn(found).map(({name}) => name);
  assert.deepEqual(paths.sort(), ['a/old', 'absolute', 'toFile', 'toFolder/old']);
});

test('rows 18, 19: a FIFO, a socket and a device are listed as other, and never opened', async t => {
  await using folder = await ServedFolder.start();
  execFileSync('mkfifo', [join(folder.path, 'fifo')]);
  const socket = createServer().listen(join(folder.path, 'socket'));
  t.after(() => socket.close());
  const others = ['fifo', 'socket'];
  try {
    execFileSync('mknod', [join(folder.path, 'zero'), 'c', '1', '5'], {stdio: 'ignore'});
    others.push('zero');
  } catch {
    // Only root may make a device.
  }

  const peer = await folder.peer();
  const entries = entriesIn(await peer.ask(kinds.list, {path: ''}));
  assert.deepEqual(
    entries.map(({name, type, size}) => `${name} ${type} ${size}`).sort(),
    others.map(name => `${name} other 0`).sort(),
  );
  for (const path of others) {
    assert.deepEqual(await codes(peer, path), [
      'not_a_folder',
      undefined,
      'not_a_folder',
      'not_a_file',
      'not_a_file',
      'not_a_file',
    ]);
  }
});

test('row 20: a hard link to a file outside is a file like any other', async () => {
  await using folder = await ServedFolder.start();
  writeFileSync(join(folder.outside, 'file'), 'linked');
  linkSync(join(folder.outside, 'file'), join(folder.path, 'link'));
  const peer = await folder.peer();
  assert.equal((await peer.ask(kinds.get, {path: 'link'})).at(-1)?.kind, kinds.end);
});

test('row 21: a root that is renamed and replaced is still served as before', async () => {
  await using folder = await ServedFolder.start({'a/file': 'first'});
  symlinkSync('a/file', join(folder.path, 'link'));
  const peer = await folder.peer();
  renameSync(folder.path, join(folder.outside, 'moved'));
  mkdirSync(join(folder.path, 'a'), {recursive: true});
  writeFileSync(join(folder.path, 'a/file'), 'second');
  for (const path of ['a/file', 'link']) {
    const block = (await peer.ask(kinds.get, {path})).find(({kind}) => kind === kinds.block);
    assert.equal(block && blockOf(block).bytes.toString(), 'first');
  }

  assert.deepEqual((await names(peer)).sort(), ['a', 'link']);
  const found = await peer.ask(kinds.find, {path: '', masks: ['**']});
  assert.deepEqual(json(found.at(-1) ?? assert.fail()), {count: 2, bytes: 10});
});

test('partial files are not listed, not found, and refused', async () => {
  await using folder = await ServedFolder.start({'a/x.jangada-part': 'x', 'a/y': 'y'});
  const peer = await folder.peer();
  assert.deepEqual(await names(peer, 'a'), ['y']);
  assert.deepEqual(new Set(await codes(peer, 'a/x.jangada-part')), new Set(['forbidden']));
  const masks = ['**', 'a/x.jangada-part'];
  const found = await peer.ask(kinds.find, {path: '', masks});
  assert.deepEqual(json(found.at(-1) ?? assert.fail()), {count: 1, bytes: 1});
});

test('a folder is not a file, a file not a folder, and the root has an empty name', async () => {
  await using folder = await ServedFolder.start({'a/b': 'x'});
  const peer = await folder.peer();
  const isFolder = [undefined, undefined, undefined, 'not_a_file', 'not_a_file', 'not_a_file'];
  assert.deepEqual(await codes(peer, 'a'), isFolder);
  assert.deepEqual(await codes(peer, ''), isFolder);
  const [, , ...rest] = await codes(peer, 'a/b');
  assert.deepEqual(rest, ['not_a_folder', undefined, undefined, undefined]);
  assert.deepEqual(new Set(await codes(peer, 'a/b/c')), new Set(['not_found']));
  const [entry] = await peer.ask(kinds.stat, {path: ''});
  assert.deepEqual(json(entry ?? assert.fail()).name, '');
  assert.deepEqual(json(entry ?? assert.fail()).type, 'folder');
});

test('a path of the greatest length gets an answer, and does no harm', async () => {
  await using folder = await ServedFolder.start();
  const peer = await folder.peer();
  const path = `${'n'.repeat(254)}/`.repeat(16).slice(0, -1);
  assert.deepEqual(new Set(await codes(peer, path)), new Set(['not_found']));
  peer.send(rawFrame(kinds.ping));
  assert.equal((await peer.frame())?.kind, kinds.pong);
});
