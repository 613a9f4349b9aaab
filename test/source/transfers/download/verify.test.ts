import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
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
import {blockSize, digestOf, rootDigest} from '../../../../protocol/block.ts';
import {encodeFrame, frameKinds} from '../../../../protocol/frame.ts';
import {encodeAnswer} from '../../../../protocol/messages.ts';
import {Client} from '../../../../source/client/client.ts';
import {verifyFile} from '../../../../source/transfers/download/verify.ts';
import {noise, path, startHarness, temporaryFolder} from '../../../fixtures/harness.ts';
import {startHostileServer} from '../../../fixtures/server/hostile-server.ts';

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

suite('there is no verdict about a local file that changes while it is verified', () => {
  for (const [what, change] of Object.entries(changes)) {
    for (const equal of [true, false]) {
      test(`it ${what}, and was ${equal ? 'equal' : 'different'} before`, async t => {
        const {client, serve} = await startHarness(t);
        serve('a', content);
        const local = join(temporaryFolder(t), 'a');
        writeFileSync(local, equal ? content : noise(content.length, 2));
        // An old time, because a change within the same clock tick would not change a new one.
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

for (const isTouched of [false, true]) {
  test(`a file that is ${isTouched ? 'written and gets its old time back' : 'not changed'} while it is verified is later ${isTouched ? 'not ' : ''}known as the same`, async t => {
    const {client, serve} = await startHarness(t);
    serve('a', content);
    const local = join(temporaryFolder(t), 'a');
    const write = () => {
      writeFileSync(local, content);
      utimesSync(local, 1_600_000_000, 1_600_000_000);
    };
    write();
    let told = 0;
    const onProgress = () => {
      if (told++ === 0 && isTouched) {
        write();
      }
    };
    const {compared, equal} = await verifyFile(client, path('a'), local, {onProgress});
    assert.ok(told > 0);
    assert.deepEqual({equal, isKnown: compared !== undefined}, {equal: true, isKnown: !isTouched});
  });
}

for (const isTrue of [true, false]) {
  test(`a file whose blocks are all equal is ${isTrue ? '' : 'not '}the same under a ${isTrue ? 'right' : 'wrong'} root digest`, async t => {
    const bytes = noise(100);
    const digests = digestOf('sha256', bytes);
    const root = rootDigest('sha256', isTrue ? digests : Buffer.alloc(32)).toString('hex');
    const address = await startHostileServer(t, socket => {
      socket.write(encodeFrame(frameKinds.digests, digests));
      socket.write(encodeAnswer('end', {size: bytes.length, mtimeMs: 1000, version: 'v1', root}));
    });
    await using client = new Client(address);
    const local = join(temporaryFolder(t), 'a');
    writeFileSync(local, bytes);
    const report = await verifyFile(client, path('a'), local);
    assert.deepEqual([report.good, report.equal], [1, isTrue]);
  });
}
