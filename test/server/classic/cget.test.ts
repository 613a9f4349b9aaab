import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import {createHash} from 'node:crypto';
import {test} from 'node:test';
import {ClassicPeer} from '../../fixtures/server/classic-peer.ts';
import {patternedBytes, ServedFolder} from '../../fixtures/server/server-folder.ts';

const classic = {pauseMs: 0};
const prompt = 'Envie o nome do arquivo e o hash da parte baixada (exemplo: barco.jpg:hash): ';
const same =
  'Os hashes dos arquivos são iguais, logo o arquivo na pasta files do cliente está completo';
const different =
  'Os hashes dos arquivos são diferentes, logo o arquivo na pasta files do cliente está incompleto';
const end = 'Envio do restante do arquivo concluído.';

const bytes = patternedBytes(3_000_000);

function sha1(content: Uint8Array): string {
  return createHash('sha1').update(content).digest('hex');
}

async function said(folder: ServedFolder, answer: string, size?: string): Promise<Buffer> {
  using peer = await ClassicPeer.of(folder);
  await peer.answer('5', prompt, answer);
  if (size !== undefined) {
    await peer.expect(different);
    peer.send(size);
  }

  peer.socket.end();
  return await peer.untilEnd();
}

test('a partial file with the hash of the file is complete', async () => {
  await using folder = await ServedFolder.start({'a:b': bytes, empty: ''}, {classic});
  for (const [name, content] of [
    ['a:b', bytes],
    ['empty', Buffer.alloc(0)],
  ] as const) {
    assert.equal(String(await said(folder, `${name}:${sha1(content)}`)), same);
    assert.equal(String(await said(folder, `${name}:${sha1(content).toUpperCase()}\n`)), same);
  }
});

test('the rest of a partial file is sent, whatever its size is', async () => {
  await using folder = await ServedFolder.start({'a:b': bytes}, {classic});
  for (const size of [0, 1, 1_048_576, 1_500_000, 2_999_999]) {
    const answer = `a:b:${sha1(bytes.subarray(0, size))}`;
    const expected = [
      Buffer.from(`${bytes.length - size}`),
      bytes.subarray(size),
      Buffer.from(end),
    ];
    assert.deepEqual(await said(folder, answer, `${size}\n`), Buffer.concat(expected));
  }
});

test('a partial file that is not the beginning of the file gets no bytes, and the log says so', async () => {
  await using folder = await ServedFolder.start({a: bytes}, {classic});
  const hash = sha1(bytes.subarray(0, 1000));
  const cases: [answer: string, size: string][] = [
    [`a:${sha1(Buffer.from('other'))}`, '5'],
    [`a:${hash}`, '999'],
    [`a:${hash}`, '3000000'],
    [`a:${hash}`, '3000001'],
    [`a:${hash}`, '9'.repeat(300)],
    [`a:${hash}`, '-1000'],
    [`a:${hash}`, '1000.0'],
    [`a:${hash}`, ' 1000'],
    [`a:${hash}`, '1e3'],
    [`a:${hash}`, '\n'],
    ['a:', '0'],
    ['a:no hash', '0'],
  ];
  for (const [answer, size] of cases) {
    assert.equal(String(await said(folder, answer, size)), '0', `${answer} ${size}`);
  }

  const logged = folder.logs.filter(line => line.includes('not the beginning of its file'));
  assert.equal(logged.length, cases.length);
});

test('the rest of a missing file has size 0, and a name that leads out of the folder is refused', async () => {
  await using folder = await ServedFolder.start({a: bytes, 'sub/b': 'x'}, {classic});
  for (const name of ['b', 'sub', 'a\0', '']) {
    assert.equal(String(await said(folder, `${name}:${sha1(bytes)}`)), '0', name);
  }

  assert.equal(String(await said(folder, 'no colon')), '0');
  assert.equal(
    String(await said(folder, `../a:${sha1(bytes)}`)),
    "ERRO! O arquivo ../a contém '..', o que é proibido por questões de segurança.",
  );
});

test('a client that leaves, or ends, before it sends the size leaves nothing behind', async () => {
  await using folder = await ServedFolder.start({a: bytes}, {classic});
  using peer = await ClassicPeer.of(folder);
  await peer.answer('5', prompt, 'a:0');
  await peer.expect(different);
  peer.socket.end();
  assert.equal((await peer.untilEnd()).length, 0);
});
