import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import {test} from 'node:test';
import {decodeText} from '../../../../../source/tui/model/details/decode-text.ts';
import {noise} from '../../../../fixtures/harness.ts';

const big = (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le').swap16();

for (const [what, bytes, encoding, text] of [
  ['ASCII', Buffer.from('one\ntwo'), 'UTF-8', 'one\ntwo'],
  ['UTF-8', Buffer.from('café ☕ 日本'), 'UTF-8', 'café ☕ 日本'],
  ['UTF-16, low byte first', Buffer.from('\ufeffcafé', 'utf16le'), 'UTF-16', 'café'],
  ['UTF-16, high byte first', big('café'), 'UTF-16', 'café'],
  ['Latin-1', Buffer.from('caf\xe9 da manh\xe3', 'latin1'), 'Latin-1', 'café da manhã'],
  ['text with colours', Buffer.from('\u001b[31mred\u001b[0m'), 'UTF-8', '\u001b[31mred\u001b[0m'],
  ['nothing', Buffer.alloc(0), 'UTF-8', ''],
] as const) {
  test(`${what} is recognised by its bytes`, () => {
    assert.deepEqual(decodeText(bytes, false), {encoding, text});
  });
}

for (const [what, bytes] of [
  ['bytes with zeros', Buffer.from('text\0text')],
  ['a picture', Buffer.from('\x89PNG\r\n\x1a\n\0\0\0\rIHDR', 'latin1')],
  ['noise', noise(4096)],
  ['control characters', Buffer.from('\u0001\u0002\u0003abcdefghij')],
] as const) {
  test(`${what} is not text`, () => {
    assert.equal(decodeText(bytes, false), undefined);
  });
}

test('a character that is cut off at the end of a block does not change the encoding', () => {
  for (const character of ['é', '☕', '😀']) {
    const whole = Buffer.from(`bom dia ${character}`);
    for (let cut = 1; cut < Buffer.byteLength(character); cut++) {
      const bytes = whole.subarray(0, whole.length - cut);
      assert.deepEqual(decodeText(bytes, true), {encoding: 'UTF-8', text: 'bom dia '});
      // At the end of a file, the same bytes are not UTF-8.
      assert.notEqual(decodeText(bytes, false)?.encoding, 'UTF-8');
    }

    assert.equal(decodeText(whole, true)?.text, `bom dia ${character}`);
  }
});
