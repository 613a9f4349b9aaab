import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {readFileSync} from 'node:fs';
import process from 'node:process';
import {suite, test} from 'node:test';
import {cipherWords} from '../../../../../../source/client/connection/ways/ssh/cheap-cipher.ts';

const usual = 'chacha20-poly1305@openssh.com';
const cheap = 'aes128-gcm@openssh.com';

suite('the cipher of ssh', {skip: whyNot()}, () => {
  test('that costs the least is first, and the list has the same ciphers as before', async () => {
    const words = await cipherWords('ssh', ['-F', 'none', 'example.org']);
    assert.equal(words.length, 1);
    const after = ciphersWith(...words);
    assert.equal(after[0], cheap);
    assert.deepEqual(after.toSorted(), ciphersWith().toSorted());
  });

  test('stays as the user has chosen it', async () => {
    for (const chosen of ['aes256-ctr', usual, `aes256-ctr,${cheap}`]) {
      const words = ['-F', 'none', `-oCiphers=${chosen}`, 'example.org'];
      assert.deepEqual(await cipherWords('ssh', words), [], chosen);
    }
  });

  test('is unchanged for a program that is not ssh, and for one that does not list its ciphers', async () => {
    assert.deepEqual(await cipherWords('/bin/echo', ['example.org']), []);
    assert.deepEqual(await cipherWords('/nowhere/ssh', ['example.org']), []);
    assert.deepEqual(await cipherWords('ssh', ['-oNoSuchOption=1', 'example.org']), []);
  });
});

function ciphersWith(...words: string[]): string[] {
  const said = execFileSync('ssh', ['-G', '-F', 'none', ...words, 'example.org'], {
    encoding: 'utf8',
  });
  return /^ciphers (\S+)$/m.exec(said)?.[1]?.split(',') ?? [];
}

function whyNot(): string | false {
  if (process.platform !== 'linux' || !/\baes\b/.test(readFileSync('/proc/cpuinfo', 'utf8'))) {
    return 'this machine has no instructions for AES';
  }

  try {
    return ciphersWith()[0] === usual ? false : 'this ssh prefers another cipher';
  } catch {
    return 'there is no ssh';
  }
}
