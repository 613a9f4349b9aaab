import assert from 'node:assert/strict';
import {PassThrough} from 'node:stream';
import {test} from 'node:test';
import {CopiedReads} from '../../../../../../source/client/connection/ways/ssh/copied-reads.ts';
import {noise, until} from '../../../../../fixtures/harness.ts';

test('all bytes arrive once and in order in the given memory, whenever the reader waits', async () => {
  const content = noise(300_000);
  const stream = new PassThrough();
  const received: Buffer[] = [];
  let count = 0;
  let waits = 0;
  const reads = new CopiedReads(stream, {
    room: () => Buffer.alloc(1000),
    read(length, buffer) {
      received.push(Buffer.from(buffer.subarray(0, length)));
      count += length;
      // Every seventh read waits. The other reads call `resume` during the read, which has no effect.
      if (received.length % 7 !== 0) {
        reads.resume();
        return true;
      }

      waits++;
      setImmediate(() => reads.resume());
      return false;
    },
  });
  for (let at = 0; at < content.length; at += 33_333) {
    stream.write(content.subarray(at, at + 33_333));
  }

  await until(() => count === content.length);
  assert.ok(Buffer.concat(received).equals(content));
  assert.ok(waits > 10);
});

test('no bytes are read after the stream is destroyed', async () => {
  const stream = new PassThrough();
  let calls = 0;
  const reads = new CopiedReads(stream, {
    room: () => Buffer.alloc(10),
    read() {
      calls++;
      stream.destroy();
      return false;
    },
  });
  stream.write(Buffer.alloc(100));
  await until(() => calls === 1);
  reads.resume();
  await new Promise(setImmediate);
  assert.equal(calls, 1);
});
