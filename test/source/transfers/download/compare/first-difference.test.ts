import assert from 'node:assert/strict';
import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {suite, test} from 'node:test';
import {blockSize} from '../../../../../protocol/block.ts';
import {firstDifference} from '../../../../../source/transfers/download/compare/first-difference.ts';
import {verifyFile} from '../../../../../source/transfers/download/verify.ts';
import {noise, path, startHarness, temporaryFolder} from '../../../../fixtures/harness.ts';

const content = noise(2 * blockSize + 100);

/** `content` with the byte at each of `positions` changed. */
function changed(...positions: readonly number[]): Buffer {
  const copy = Buffer.from(content);
  for (const position of positions) {
    copy[position] = (copy[position] ?? 0) ^ 1;
  }

  return copy;
}

suite('the first difference', () => {
  for (const [what, local, expected] of [
    ['none', content, undefined],
    ['the first byte', changed(0, 5), 0],
    ['the last byte of a block', changed(blockSize - 1, blockSize), blockSize - 1],
    ['the last byte', changed(content.length - 1), content.length - 1],
    ['the end of a shorter copy', content.subarray(0, blockSize + 9), blockSize + 9],
    ['the end of a copy of whole blocks', content.subarray(0, blockSize), blockSize],
    ['a byte of a shorter copy', changed(blockSize + 3).subarray(0, blockSize + 9), blockSize + 3],
    ['the end of the file there', Buffer.concat([content, Buffer.alloc(9)]), content.length],
    ['an empty copy', Buffer.alloc(0), 0],
  ] as const) {
    test(`is ${what}`, async t => {
      const {client, serve} = await startHarness(t);
      serve('a', content);
      const file = join(temporaryFolder(t), 'a');
      writeFileSync(file, local);
      const report = await verifyFile(client, path('a'), file);
      const {signal} = new AbortController();
      assert.equal(await firstDifference(client, report, {signal}), expected);
    });
  }
});
