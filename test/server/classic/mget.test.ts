import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import {rmSync, symlinkSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import process from 'node:process';
import {test} from 'node:test';
import {ClassicPeer} from '../../fixtures/server/classic-peer.ts';
import {MemoryStore} from '../../fixtures/server/memory-store.ts';
import {patternedBytes, ServedFolder} from '../../fixtures/server/server-folder.ts';

const classic = {pauseMs: 0};
const prompt = 'Envie a mascara de arquivos desejada (exemplo: *.jpg): ';
const begin = 'Arquivos encontrados. Iniciando envio...';

/** The files that a client gets, as an old client reads them. */
async function fetched(folder: ServedFolder, mask: string | Uint8Array) {
  using peer = await ClassicPeer.of(folder);
  await peer.answer('3', prompt, mask);
  const count = Number(await number(peer));
  const files: Record<string, Buffer> = {};
  if (count > 0) {
    await peer.expect(begin.slice(1));
  }

  for (let index = 0; index < count; index++) {
    const [, name = '', size = ''] = /^(.*):(\d+)$/s.exec(await line(peer)) ?? assert.fail();
    files[name] = Buffer.from(await peer.take(Number(size)));
    await peer.expect('FINAL\n');
  }

  if (count > 0) {
    await peer.expect('Encerrado');
  }

  // Check that nothing else arrives before the answer to the next command.
  peer.send('2');
  await peer.expect('Envie o nome do arquivo desejado: ');
  return files;
}

/** The digits of a number. This also takes the first character after them, unless the number is 0. */
async function number(peer: ClassicPeer): Promise<string> {
  let digits = '';
  for (;;) {
    const next = String(await peer.take(1));
    if (!/\d/.test(next)) {
      return digits;
    }

    digits += next;
    if (digits === '0') {
      return digits;
    }
  }
}

async function line(peer: ClassicPeer): Promise<string> {
  let text = '';
  while (!text.endsWith('\n')) {
    text += String(await peer.take(1));
  }

  return text.slice(0, -1);
}

test('all files that a mask matches are sent, each under its name and size', async () => {
  const bytes = patternedBytes(2_500_000);
  const files = {'a.jpg': 'abc', 'b.jpg': bytes, 'c:d.jpg': '', 'e.txt': 'x', 'sub/f.jpg': 'deep'};
  await using folder = await ServedFolder.start(files, {classic});
  assert.deepEqual(await fetched(folder, '*.jpg'), {
    'a.jpg': Buffer.from('abc'),
    'b.jpg': bytes,
    'c:d.jpg': Buffer.alloc(0),
  });
  assert.deepEqual(await fetched(folder, 'sub/*\n'), {'sub/f.jpg': Buffer.from('deep')});
  assert.equal(Object.keys(await fetched(folder, '**')).length, 5);
});

test('the answer to a mask that matches nothing, is wrong, or leads out of the folder is 0', async () => {
  await using folder = await ServedFolder.start({'a.jpg': 'abc', 'sub/b': 'x'}, {classic});
  writeFileSync(join(folder.outside, 'secret'), 'secret');
  const masks = [
    '*.png',
    '\n',
    'sub',
    '!*.png',
    '../*',
    '/*',
    '/etc/*',
    'sub/../../*',
    '{..,sub}/*',
    '\\.\\./*',
    '{a',
    'a\0*',
    Buffer.from([0xff, 0x2a]),
    'x'.repeat(4097),
    `${'{a,b}'.repeat(20)}`,
  ];
  for (const mask of masks) {
    assert.deepEqual(await fetched(folder, mask), {}, String(mask).slice(0, 20));
  }
});

test('a ! at the beginning of a mask does not exclude', async () => {
  await using folder = await ServedFolder.start({'!a': 'x', b: 'y'}, {classic});
  assert.deepEqual(Object.keys(await fetched(folder, '!*')), ['!a']);
});

test('a link that leads out of the folder is not followed', {
  skip: process.platform === 'win32' ? 'links need a right there' : false,
}, async () => {
  await using folder = await ServedFolder.start({a: 'x'}, {classic});
  writeFileSync(join(folder.outside, 'secret'), 'secret');
  symlinkSync('..', join(folder.path, 'up'));
  symlinkSync('../secret', join(folder.path, 'secret'));
  for (const mask of ['*', '**', 'up/*', 'secret', 'up/secret']) {
    const names = Object.keys(await fetched(folder, mask));
    assert.ok(
      names.every(name => name === 'a'),
      `${mask}: ${names.join()}`,
    );
  }
});

test('a file that is deleted before its turn is sent as an empty one, and the next file follows', async () => {
  const big = patternedBytes(16 * 1_048_576);
  await using folder = await ServedFolder.start(
    {'sub/a': big, 'sub/b': big, 'sub/c': big},
    {classic},
  );
  using peer = await ClassicPeer.of(folder);
  await peer.answer('3', prompt, 'sub/*');
  await peer.expect(`3${begin}`);
  peer.socket.pause();
  const first = await line(resumed(peer));
  peer.socket.pause();
  const others = ['a', 'b', 'c'].filter(name => first !== `sub/${name}:${big.length}`);
  assert.equal(others.length, 2);
  for (const name of others) {
    rmSync(join(folder.path, 'sub', name));
  }

  peer.socket.resume();
  await peer.take(big.length);
  await peer.expect('FINAL\n');
  const names = [await line(peer), await line(peer), await line(peer), await line(peer)];
  assert.deepEqual(names.sort(), ['FINAL', 'FINAL', ...others.map(name => `sub/${name}:0`)]);
  await peer.expect('Encerrado');
});

function resumed(peer: ClassicPeer): ClassicPeer {
  peer.socket.resume();
  return peer;
}

test('a mask that matches more names than the server keeps ends the connection', async t => {
  const store = new MemoryStore();
  t.after(() => store.close());
  const folder = Array.from({length: 16}, () => 'd'.repeat(250)).join('/');
  for (let index = 0; index < 2100; index++) {
    store.write(`${folder}/${index}`, Buffer.from('x'));
  }

  await using served = await ServedFolder.start({}, {classic, root: store});
  using peer = await ClassicPeer.of(served);
  await peer.answer('3', prompt, '**/9*9');
  assert.match(String(await peer.take(3)), /^\d+A/);
  using other = await ClassicPeer.of(served);
  await other.answer('3', prompt, '**');
  assert.equal((await other.untilEnd()).length, 0);
  assert.ok(served.logs.some(line => line.includes('matches too many files')));
});
