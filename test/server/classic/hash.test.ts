import assert from 'node:assert/strict';
import {createHash} from 'node:crypto';
import {writeFileSync} from 'node:fs';
import {basename, join} from 'node:path';
import {test} from 'node:test';
import {ClassicPeer} from '../../fixtures/server/classic-peer.ts';
import {patternedBytes, ServedFolder} from '../../fixtures/server/server-folder.ts';

const classic = {pauseMs: 0};
const prompt = 'Envie o nome do arquivo e o posicionamento desejado (exemplo: barco.jpg:500): ';

async function said(folder: ServedFolder, answer: string): Promise<string> {
  using peer = await ClassicPeer.of(folder);
  await peer.answer('4', prompt, answer);
  peer.socket.end();
  return String(await peer.untilEnd());
}

test('the hash covers the first bytes, or the whole file if it has fewer', async () => {
  const bytes = patternedBytes(3_000_000);
  await using folder = await ServedFolder.start({'a:b': bytes, 'maçã.jpg': 'abc'}, {classic});
  for (const [name, content, position] of [
    ['a:b', bytes, '500'],
    ['a:b', bytes, '0'],
    ['a:b', bytes, '2000000'],
    ['a:b', bytes, '3000000'],
    ['a:b', bytes, '0003000001'],
    ['a:b', bytes, '9'.repeat(400)],
    ['maçã.jpg', Buffer.from('abc'), '2'],
  ] as const) {
    const sha1 = createHash('sha1')
      .update(content.subarray(0, Number(position)))
      .digest('hex');
    assert.equal(
      await said(folder, `${name}:${position}`),
      `Obtendo o hash SHA1 do arquivo ${name} até a posição ${position}` +
        `O hash SHA1 obtido do arquivo ${name} até a posição ${position} corresponde a : \n${sha1}`,
    );
  }
});

test('an answer in a wrong form gets a message about it', async () => {
  await using folder = await ServedFolder.start({a: 'x'}, {classic});
  for (const answer of [
    'a',
    'a:',
    'a:x',
    'a:-1',
    'a:1.5',
    'a: 1',
    'a:1 ',
    'a:0x1',
    'a:1:',
    '',
    '٣',
  ]) {
    assert.equal(
      await said(folder, answer === '' ? '\n' : answer),
      `ERRO! O formato de escrita para o hash ${answer} está incorreto!`,
    );
  }
});

test('the message about a missing file names the folder, and a name that leads out of the folder is refused', async () => {
  await using folder = await ServedFolder.start({'sub/a': 'x', 'p.jangada-part': 'x'}, {classic});
  writeFileSync(join(folder.outside, 'secret'), 'secret');
  const name = basename(folder.path);
  for (const missing of ['b', 'sub', '', 'p.jangada-part', 'b:7']) {
    assert.equal(
      await said(folder, `${missing}:5`),
      `ERRO! o arquivo ${missing} não existe no diretório ${name}/`,
    );
  }

  for (const outside of ['../secret', '/etc/passwd']) {
    assert.equal(
      await said(folder, `${outside}:5`),
      `ERRO! O arquivo ${outside} contém '..', o que é proibido por questões de segurança.`,
    );
  }
});
