import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import {appendFileSync, symlinkSync, writeFileSync} from 'node:fs';
import {basename, join} from 'node:path';
import process from 'node:process';
import {test} from 'node:test';
import {parseRemotePath} from '../../../protocol/remote-path.ts';
import {sendBytes} from '../../../server/classic/send-bytes.ts';
import {Talk} from '../../../server/classic/talk.ts';
import type {Exchange} from '../../../server/operations/exchange.ts';
import type {StoredFile} from '../../../server/store/store.ts';
import {storeError} from '../../../server/store/store-errors.ts';
import {answerOf} from '../../fixtures/server/answer-of.ts';
import {ChangingStore} from '../../fixtures/server/changing-store.ts';
import {ClassicPeer} from '../../fixtures/server/classic-peer.ts';
import {MemoryStore} from '../../fixtures/server/memory-store.ts';
import {
  openUnder,
  patternedBytes,
  ServedFolder,
  until,
} from '../../fixtures/server/server-folder.ts';

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

test('the memory of blocks is free again after a file that changed while it was sent', async () => {
  const store = new MemoryStore();
  const path = parseRemotePath('file');
  store.write(path, patternedBytes(3 * 1_048_576));
  for (const change of [
    (file: StoredFile) => {
      file.unchanged = async () => false;
    },
    (file: StoredFile) => {
      file.read = async () => 5;
    },
    (file: StoredFile) => {
      file.read = () => Promise.reject(storeError(new Error('EIO'), path));
    },
  ]) {
    const file = await store.open(path);
    change(file);
    const send = async (_: object, exchange: Exchange) =>
      sendBytes({path, file}, 0, new Talk(exchange, 0));
    const {error, exchange} = await answerOf(send, {}, store);
    assert.ok(error instanceof Error);
    const {blocks} = exchange;
    const free = [blocks.take(), blocks.take(), blocks.take(), blocks.take()];
    assert.ok(free.every(buffer => buffer !== undefined));
  }
});

test('a server that stops in the pause before a message leaves no file open', {
  skip: process.platform === 'linux' ? false : 'descriptors are counted in /proc',
}, async () => {
  const options = {classic: {pauseMs: 3_600_000}};
  await using folder = await ServedFolder.start({old: 'content'}, options);
  using peer = await ClassicPeer.of(folder);
  await peer.answer('2', prompt, 'old');
  await until(() => openUnder(folder.path) > 0, 'the file is open');
  await folder.server.close({graceMs: 0});
  await until(() => openUnder(folder.path) === 0, 'the file is closed');
});
