import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import {appendFileSync, symlinkSync, writeFileSync} from 'node:fs';
import {basename, join} from 'node:path';
import process from 'node:process';
import {test} from 'node:test';
import {ChangingStore} from '../../fixtures/server/changing-store.ts';
import {ClassicPeer} from '../../fixtures/server/classic-peer.ts';
import {patternedBytes, ServedFolder} from '../../fixtures/server/server-folder.ts';

const classic = {pauseMs: 0};
const prompt = 'Envie o nome do arquivo desejado: ';

/** All bytes that a client gets for the file `name` after the prompt. */
async function said(folder: ServedFolder, name: string | Uint8Array): Promise<Buffer> {
  using peer = await ClassicPeer.of(folder);
  await peer.answer('2', prompt, name);
  peer.socket.end();
  return await peer.untilEnd();
}

test('a file of any size is sent after its size', async () => {
  for (const size of [1, 4096, 1_048_576, 1_048_577, 9_000_000]) {
    const bytes = patternedBytes(size);
    await using folder = await ServedFolder.start({'sub/a:b': bytes}, {classic});
    assert.deepEqual(await said(folder, 'sub/a:b'), Buffer.concat([Buffer.from(`${size}`), bytes]));
  }
});

test('the answer to a name that is missing, empty, not a file, or never served is size 0', async () => {
  const files = {'sub/a': 'abc', empty: '', 'p.jangada-part': 'part'};
  await using folder = await ServedFolder.start(files, {classic});
  for (const name of [
    'b',
    '\n',
    'sub',
    'sub/',
    './empty',
    'empty',
    'p.jangada-part',
    'a\0b',
    'x//y',
  ]) {
    assert.equal(String(await said(folder, name)), '0', name);
  }
});

test('a name that leads out of the folder is refused with a message', async () => {
  await using folder = await ServedFolder.start({'a..b': 'x', 'sub/a': 'y'}, {classic});
  writeFileSync(join(folder.outside, 'secret'), 'secret');
  const raw = Buffer.from([0x2e, 0x2e, 0x2f, 0xff]);
  for (const name of [
    '../secret',
    '..',
    'sub/../a',
    'a..b',
    '/etc/passwd',
    '/',
    '..\\secret',
    raw,
  ]) {
    const words = Buffer.concat([
      Buffer.from('ERRO! O arquivo '),
      Buffer.from(name),
      Buffer.from(" contém '..', o que é proibido por questões de segurança."),
    ]);
    assert.deepEqual(await said(folder, name), words);
  }
});

test('so is a name that a link leads out, and the message says nothing about its target', {
  skip: process.platform === 'win32' ? 'links need a right there' : false,
}, async () => {
  await using folder = await ServedFolder.start({'sub/a': 'y'}, {classic});
  writeFileSync(join(folder.outside, 'secret'), 'secret');
  symlinkSync('../secret', join(folder.path, 'file'));
  symlinkSync('../..', join(folder.path, 'sub', 'up'));
  symlinkSync('sub', join(folder.path, 'inside'));
  symlinkSync('nowhere', join(folder.path, 'dead'));
  const up = basename(folder.outside);
  for (const name of ['file', 'sub/up', 'sub/up/secret', 'inside/up/none', `sub/up/${up}/secret`]) {
    const words = `ERRO! O arquivo ${name} contém '..', o que é proibido por questões de segurança.`;
    assert.equal(String(await said(folder, name)), words);
  }

  for (const name of ['dead', 'inside', 'inside/b', 'inside/b/c', 'inside/a/c']) {
    assert.equal(String(await said(folder, name)), '0', name);
  }

  assert.equal(String(await said(folder, 'inside/a')), '1y');
});

test('a file that changes while it is sent ends the connection before all is sent', async t => {
  await using folder = await ServedFolder.start({old: patternedBytes(4 * 1_048_576)});
  const store = new ChangingStore(folder.path, 'after');
  t.after(() => store.close());
  await using changing = await ServedFolder.start({}, {classic, root: store});
  store.changeOnce(() => appendFileSync(join(folder.path, 'old'), 'more'));
  using peer = await ClassicPeer.of(changing);
  await peer.answer('2', prompt, 'old');
  await peer.expect('4194304');
  assert.equal((await peer.untilEnd()).length, 0);
  assert.ok(changing.logs.some(line => line.includes('"code":"changed"')));
});

test('the rate limit holds for the classic dialogue, too, and bytes arrive in order', async () => {
  const bytes = patternedBytes(400_000);
  await using folder = await ServedFolder.start({old: bytes}, {classic, limit: 4_000_000});
  assert.deepEqual(await said(folder, 'old'), Buffer.concat([Buffer.from('400000'), bytes]));
});
