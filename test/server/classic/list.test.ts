import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import {mkdirSync, symlinkSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import process from 'node:process';
import {test} from 'node:test';
import {ClassicPeer} from '../../fixtures/server/classic-peer.ts';
import {ServedFolder} from '../../fixtures/server/server-folder.ts';

const classic = {pauseMs: 0};

async function listOf(folder: ServedFolder): Promise<Buffer> {
  using peer = await ClassicPeer.of(folder);
  peer.socket.end('1');
  return await peer.untilEnd();
}

test('the answer for a folder without files says so', async () => {
  await using folder = await ServedFolder.start({'sub/a.txt': 'abc'}, {classic});
  assert.equal(String(await listOf(folder)), 'Nenhum arquivo encontrado no servidor.');
});

test('the files of the folder itself are listed with their sizes, one a line', async () => {
  const files = {'maçã.txt': 'abc', 'b c': '', '.d': 'x', 'sub/deep': 'no', 'e.jangada-part': 'no'};
  await using folder = await ServedFolder.start(files, {classic});
  const lines = String(await listOf(folder)).split('\n');
  assert.deepEqual(lines.sort(), ['.d (1 bytes)', 'b c (0 bytes)', 'maçã.txt (3 bytes)']);
});

test('links are listed as their targets, but not if the target is outside', {
  skip: process.platform === 'win32' ? 'links need a right there' : false,
}, async () => {
  await using folder = await ServedFolder.start({a: 'abc'}, {classic});
  writeFileSync(join(folder.outside, 'secret'), 'secret');
  mkdirSync(join(folder.path, 'sub'));
  symlinkSync('a', join(folder.path, 'inside'));
  symlinkSync('../secret', join(folder.path, 'outside'));
  symlinkSync('sub', join(folder.path, 'folder'));
  const lines = String(await listOf(folder)).split('\n');
  assert.deepEqual(lines.sort(), ['a (3 bytes)', 'inside (3 bytes)']);
});

test('a name that is not UTF-8 is sent as its bytes', {
  skip: process.platform === 'linux' ? false : 'names are Unicode elsewhere',
}, async () => {
  await using folder = await ServedFolder.start({}, {classic});
  const name = Buffer.from([0x61, 0xe9, 0xff]);
  writeFileSync(Buffer.concat([Buffer.from(`${folder.path}/`), name]), 'x');
  assert.deepEqual(await listOf(folder), Buffer.concat([name, Buffer.from(' (1 bytes)')]));
});

test('a list of several pieces is complete', async () => {
  const names = Array.from({length: 3000}, (_, index) => `${'n'.repeat(30)}-${index}`);
  const files = Object.fromEntries(names.map(name => [name, 'x']));
  await using folder = await ServedFolder.start(files, {classic});
  const lines = String(await listOf(folder)).split('\n');
  assert.deepEqual(lines.sort(), names.map(name => `${name} (1 bytes)`).sort());
});
