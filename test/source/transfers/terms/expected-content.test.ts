import assert from 'node:assert/strict';
import {test} from 'node:test';
import {
  formatExpectedContent,
  parseExpectedContent,
} from '../../../../source/transfers/terms/expected-content.ts';

const hex = '0123456789abcdef'.repeat(4);

test('an expected content is read as it is printed, also in capitals', () => {
  for (const [text, expected] of [
    [`sha256:${hex}`, {kind: 'sha256', hex}],
    [`root:sha256:${hex}`, {kind: 'root', algorithm: 'sha256', hex}],
    [`root:blake3:${hex}`, {kind: 'root', algorithm: 'blake3', hex}],
  ] as const) {
    assert.deepEqual(parseExpectedContent(text), expected);
    assert.deepEqual(parseExpectedContent(text.replace(hex, hex.toUpperCase())), expected);
    assert.equal(formatExpectedContent(expected), text);
  }
});

test('anything else is refused, and the error lists the possible forms', () => {
  for (const text of [
    ...['', hex, `sha1:${hex}`, `blake3:${hex}`, `root:${hex}`, `root:sha1:${hex}`],
    ...[`root::${hex}`, `sha256:${hex}0`, `sha256:${hex.slice(1)}`, `sha256:${hex}\n`],
    ...[` sha256:${hex}`, `sha256:${hex.replace('0', 'g')}`],
  ]) {
    assert.throws(() => parseExpectedContent(text), {
      code: 'usage',
      message: /Invalid expected content '.*': use sha256:HEX or root:ALGORITHM:HEX/,
    });
  }
});
