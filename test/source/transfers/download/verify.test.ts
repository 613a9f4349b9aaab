import assert from 'node:assert/strict';
import {
  appendFileSync,
  closeSync,
  openSync,
  truncateSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import {join} from 'node:path';
import {suite, test} from 'node:test';
import {blockSize} from '../../../../protocol/block.ts';
import {verifyFile} from '../../../../source/transfers/download/verify.ts';
import {noise, path, startHarness, temporaryFolder} from '../../../fixtures/harness.ts';

const content = noise(3 * blockSize + 7);

const changes: Readonly<Record<string, (file: string) => void>> = {
  grows: file => appendFileSync(file, 'more'),
  'is cut': file => truncateSync(file, blockSize),
  'is rewritten and keeps its size'(file) {
    const fd = openSync(file, 'r+');
    writeSync(fd, 'other', blockSize);
    closeSync(fd);
  },
};

suite('no verdict is given about a local file that changes while it is verified', () => {
  for (const [what, change] of Object.entries(changes)) {
    for (const equal of [true, false]) {
      test(`it ${what}, and was ${equal ? 'equal' : 'different'} before`, async t => {
        const {client, serve} = await startHarness(t);
        serve('a', content);
        const local = join(temporaryFolder(t), 'a');
        writeFileSync(local, equal ? content : noise(content.length, 2));
        // A change within the clock's tick would leave a fresh time as it is.
        utimesSync(local, 1_600_000_000, 1_600_000_000);
        let changed = 0;
        const onProgress = () => {
          if (changed++ === 0) {
            change(local);
          }
        };
        await assert.rejects(verifyFile(client, path('a'), local, {onProgress}), {
          code: 'changed',
          message: /changed while it was read: verify it again$/,
        });
        assert.ok(changed > 0);
      });
    }
  }
});
