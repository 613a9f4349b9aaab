import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import {test} from 'node:test';
import {
  encodeMessage,
  MessageReader,
  type ToWriter,
} from '../../../../../source/transfers/disk/writer/writer-messages.ts';
import {noise} from '../../../../fixtures/harness.ts';

/** A request to write files of these bytes, as it is sent. */
function encode(id: number, bytes: Buffer, name = 'é'): Buffer {
  const message: ToWriter = {
    id,
    request: {kind: 'write', group: 1, folder: 7, files: [[name, bytes.length, 1.5]]},
  };
  return Buffer.concat([encodeMessage(message, bytes.length), bytes]);
}

/** What a reader is told of, as it comes. */
function startReader() {
  const told: Array<{id: number; bytes: Buffer}> = [];
  const reader = new MessageReader<ToWriter>(({id}, bytes) => {
    told.push({id, bytes: Buffer.from(bytes)});
  });
  return {told, reader};
}

test('messages are read with their bytes, wherever what was received is cut', () => {
  const bytes = [noise(50, 1), noise(0), noise(3, 2)];
  const sent = Buffer.concat(bytes.map((one, id) => encode(id, one)));
  for (let size = 1; size <= sent.length; size++) {
    const {told, reader} = startReader();
    for (let from = 0; from < sent.length; from += size) {
      reader.take(sent.subarray(from, from + size));
    }

    assert.deepEqual(
      told,
      bytes.map((one, id) => ({id, bytes: one})),
    );
  }
});

test('a message is told once it is whole, and not before', () => {
  const {told, reader} = startReader();
  const sent = encode(1, noise(50));
  reader.take(sent.subarray(0, -1));
  assert.equal(told.length, 0);
  reader.take(sent.subarray(-1));
  assert.equal(told.length, 1);
});

test('messages that are larger than the memory so far are read, with what comes behind them', () => {
  const {told, reader} = startReader();
  const bytes = [100_000, 200_000, 1_000_000, 10].map((size, id) => noise(size, id + 1));
  const sent = Buffer.concat(bytes.map((one, id) => encode(id, one)));
  // As a socket fills the memory that it is given.
  for (let from = 0; from < sent.length; ) {
    const room = reader.room();
    assert.ok(room.length > 0);
    const count = Math.min(65_536, room.length, sent.length - from);
    sent.copy(room, 0, from, from + count);
    from += count;
    reader.came(count);
  }

  assert.deepEqual(
    told.map(({id}) => id),
    [0, 1, 2, 3],
  );
  assert.ok(told.every(({id, bytes: received}) => received.equals(bytes[id] ?? noise(0))));
});
