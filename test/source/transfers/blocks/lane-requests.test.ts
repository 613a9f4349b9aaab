/** What a lane requests and what it accepts, over a connection whose answers the test gives. */
import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import {test} from 'node:test';
import {blockSize, digestOf} from '../../../../protocol/block.ts';
import {JangadaError} from '../../../../protocol/errors.ts';
import {frameKinds} from '../../../../protocol/frame.ts';
import type {AnswerReceiver} from '../../../../source/client/connection/answer-queue.ts';
import type {CompressionChoice} from '../../../../source/client/connection/compression/compression-choice.ts';
import type {Connection} from '../../../../source/client/connection/connection.ts';
import {ReceiveBuffers} from '../../../../source/client/connection/receive-buffers.ts';
import {BlockPlan} from '../../../../source/transfers/blocks/block-plan.ts';
import {Ending} from '../../../../source/transfers/blocks/ending.ts';
import {runLane} from '../../../../source/transfers/blocks/lane.ts';
import {Pace} from '../../../../source/transfers/blocks/pace.ts';
import {noise, path} from '../../../fixtures/harness.ts';
import {digestsOf} from '../../../fixtures/server/other-content.ts';

const bytes = noise(blockSize);
const digest = digestOf('sha256', bytes);
const version = 'v';

type Asked = {ranges: Array<[offset: number, length: number]>; compress?: unknown};

type LaneOptions = {
  blocks?: number;
  pace?: Pace;
  ending?: Ending;
  buffers?: ReceiveBuffers;
  choice?: {isOpen: boolean; compress: string[] | undefined};
  zstd?: boolean | undefined;
  listed?: Buffer;
};

function startLane({
  blocks = 4,
  pace = new Pace(undefined, () => 0),
  ending = new Ending(),
  buffers = new ReceiveBuffers(64),
  choice = {isOpen: false, compress: undefined},
  zstd,
  listed,
}: LaneOptions = {}) {
  const plan = new BlockPlan(blocks * blockSize);
  const asked: Asked[] = [];
  const receivers: AnswerReceiver[] = [];
  const seen = {closed: 0, heldUp: 0, linkBytes: 0, arrived: [] as number[], roots: [] as string[]};
  const lane = {wanted: true, isWritten: true};
  // Of a connection, a lane uses only these.
  const connection = {
    pipelined: 128,
    can: () => zstd,
    resume() {},
    close: () => seen.closed++,
    request(_name: string, body: Asked, receiver: AnswerReceiver) {
      asked.push(body);
      receivers.push(receiver);
    },
  } as unknown as Connection;
  const rate = {
    came(count: number) {
      seen.linkBytes += count;
    },
    heldUp: () => seen.heldUp++,
  };
  const ended = runLane(connection, {
    ...{remotePath: path('a'), version, algorithm: 'sha256', plan, pace, ending, blocks: buffers},
    expected: listed && {digests: listed, size: plan.size, mtimeMs: 0, version, root: undefined},
    progress: {received() {}, lost() {}},
    compression: Object.assign(choice, {rate}) as unknown as CompressionChoice,
    roundTripMs: 0,
    wanted: () => lane.wanted,
    onBlock(index, itsDigest, memory) {
      if (lane.isWritten) {
        plan.markDone(index, itsDigest);
      }

      seen.arrived.push(index);
      buffers.give(memory);
    },
    onRoot: root => seen.roots.push(root),
  });
  ended.catch(() => undefined);
  const receiver = (request: number): AnswerReceiver => {
    const found = receivers[request];
    assert.ok(found);
    return found;
  };
  const control = (request: number, kind: 'file' | 'end', body: object) =>
    receiver(request).control(frameKinds[kind], Buffer.from(JSON.stringify(body)));
  const file = (request: number, changed: object = {}) =>
    control(request, 'file', {size: plan.size, mtimeMs: 0, version, ...changed});
  /** Deliver block `index`, as far as there is memory for it. */
  const block = (request: number, index: number, compressedLength?: number) => {
    const header = {offset: index * blockSize, length: blockSize, digest, compressedLength};
    const memory = receiver(request).blockMemory?.(header);
    if (memory !== undefined) {
      bytes.copy(memory);
      receiver(request).landed?.(blockSize);
      receiver(request).block?.(header, memory);
    }
  };
  /** Deliver the whole answer to a request. */
  const answer = (request: number) => {
    file(request);
    const [[offset, length] = [0, 0]] = asked[request]?.ranges ?? [];
    for (let at = offset; at < offset + length; at += blockSize) {
      block(request, at / blockSize);
    }

    control(request, 'end', {});
  };
  const spans = () => asked.map(({ranges: [[, length] = [0, 0]]}) => length / blockSize);
  return {...{plan, asked, receiver, seen, lane, ended, control, file, block, answer, spans}};
}

test('however fast a link is, a request has at most 16 blocks, and two are pending', async () => {
  const {spans, answer, ended, seen} = startLane({blocks: 40, pace: new Pace(10_000 * blockSize)});
  assert.deepEqual(spans(), [16, 16]);
  answer(0);
  assert.deepEqual(spans(), [16, 16, 8]);
  answer(1);
  answer(2);
  await ended;
  assert.equal(seen.arrived.length, 40);
});

test('no second request is sent while as much is due as arrives in a second', async () => {
  // Four blocks while no rate is known.
  const {spans, file, block, control, ended} = startLane({blocks: 6});
  assert.deepEqual(spans(), [4]);
  file(0);
  block(0, 0);
  assert.deepEqual(spans(), [4, 1]);
  for (const index of [1, 2, 3]) {
    block(0, index);
  }

  control(0, 'end', {});
  assert.deepEqual(spans(), [4, 1, 1]);
  for (const [request, index] of [
    [1, 4],
    [2, 5],
  ] as const) {
    file(request);
    block(request, index);
    control(request, 'end', {});
  }

  await ended;
});

test('a lane that is no longer wanted requests nothing more, and ends when the pending blocks are here', async () => {
  const {spans, answer, ended, seen, lane, plan} = startLane({blocks: 8});
  lane.wanted = false;
  answer(0);
  await ended;
  assert.deepEqual(spans(), [4]);
  assert.deepEqual(seen.arrived, [0, 1, 2, 3]);
  assert.deepEqual(plan.next(16), {first: 4, end: 8});
});

test('once the download has to end, nothing more is requested, and blocks for which there is time are taken', async () => {
  const ending = new Ending();
  const {spans, answer, ended, seen} = startLane({blocks: 8, ending, pace: new Pace(blockSize)});
  ending.begin(60_000);
  answer(0);
  answer(1);
  await ended;
  assert.equal(spans().length, 2);
  assert.equal(seen.closed, 0);
  const other = startLane({ending});
  await other.ended;
  assert.deepEqual(other.spans(), []);
});

test('the connection is closed when the pending blocks would take longer than the time that is left', async () => {
  const ending = new Ending();
  const {file, block, ended, seen} = startLane({blocks: 8, ending, pace: new Pace(blockSize)});
  file(0);
  ending.begin(500);
  block(0, 0);
  await ended;
  // The other one that is pending takes a second.
  assert.equal(seen.closed, 1);
  assert.deepEqual(seen.arrived, [0]);
});

test('blocks that were requested and did not arrive are needed again when the connection fails, and none that is being written', async () => {
  const {file, block, receiver, ended, plan, lane} = startLane({blocks: 4});
  lane.isWritten = false;
  file(0);
  block(0, 0);
  receiver(0).failed(new JangadaError('connection_lost', 'gone'));
  await assert.rejects(ended, {code: 'connection_lost'});
  assert.deepEqual(plan.next(16), {first: 1, end: 4});
});

test('memory that was taken for a block is given back when the connection fails', async () => {
  const buffers = new ReceiveBuffers(1);
  const {file, receiver, ended} = startLane({buffers});
  file(0);
  assert.ok(receiver(0).blockMemory?.({offset: 0, length: blockSize, digest}));
  assert.equal(buffers.take(), undefined);
  receiver(0).failed(new JangadaError('connection_lost', 'gone'));
  await assert.rejects(ended, {code: 'connection_lost'});
  assert.ok(buffers.take());
});

for (const [what, changed] of [
  ['version', {version: 'other'}],
  ['size', {size: 5}],
] as const) {
  test(`a file that comes with another ${what} than the wanted one has changed`, () => {
    const {file} = startLane();
    assert.throws(() => file(0, changed), {code: 'changed'});
  });
}

test('an answer that ends before its last block, or with a frame of another kind, breaks the protocol', () => {
  const {file, block, control, receiver} = startLane();
  file(0);
  for (const index of [0, 1, 2]) {
    block(0, index);
  }

  assert.throws(() => control(0, 'end', {}), {code: 'protocol'});
  block(0, 3);
  // Now it is complete.
  assert.throws(() => receiver(0).control(frameKinds.pong, Buffer.from('{}')), {code: 'protocol'});
});

test('a block that the request does not have at this place breaks the protocol', () => {
  for (const [offset, length] of [
    [blockSize, blockSize],
    [0, blockSize - 1],
    [1, blockSize],
  ] as const) {
    const {file, receiver} = startLane();
    file(0);
    assert.throws(() => receiver(0).blockMemory?.({offset, length, digest}), {code: 'protocol'});
  }

  const {file, block} = startLane({blocks: 40});
  file(0);
  for (const index of [0, 1, 2, 3]) {
    block(0, index);
  }

  assert.throws(() => block(0, 4), {code: 'protocol'}, 'behind the end of the span');
});

test('with a list of digests, a block that is not at its place in the list is unexpected, and has no memory', () => {
  const right = digestsOf(Buffer.concat([noise(blockSize, 2), bytes]));
  const {file, block, seen} = startLane({blocks: 2, listed: right});
  file(0);
  assert.throws(() => block(0, 0), {code: 'unexpected', message: /sends a block 0 /});
  assert.deepEqual(seen.arrived, []);
});

test('a root that the server sends is passed on, and none is made up', async () => {
  for (const end of [{root: 'ab'.repeat(32)}, {}]) {
    const {file, block, control, ended, seen} = startLane({blocks: 1});
    file(0);
    block(0, 0);
    assert.equal(control(0, 'end', end), true);
    await ended;
    assert.deepEqual(seen.roots, Object.values(end));
  }
});

test('a block that finds no memory says that this side is the slow one', () => {
  const buffers = new ReceiveBuffers(1);
  const {file, block, seen} = startLane({buffers});
  const memory = buffers.take();
  assert.ok(memory);
  file(0);
  block(0, 0);
  assert.deepEqual([seen.heldUp, seen.arrived], [1, []]);
  buffers.give(memory);
  block(0, 0);
  assert.deepEqual([seen.heldUp, seen.arrived], [1, [0]]);
});

test('compressed blocks are asked for and taken only where the choice says so and the server can send them', () => {
  for (const [zstd, compress, isAsked] of [
    [true, ['zstd'], true],
    [undefined, ['zstd'], true],
    [false, ['zstd'], false],
    [true, undefined, false],
  ] as const) {
    const choice = {isOpen: false, compress: compress && [...compress]};
    const {asked, receiver} = startLane({zstd, choice});
    assert.deepEqual(asked[0]?.compress, isAsked ? ['zstd'] : undefined);
    assert.equal(receiver(0).takesCompressed, isAsked);
  }
});

test('of a compressed block the bytes on the link are counted for the rate of the link', () => {
  const choice = {isOpen: false, compress: ['zstd']};
  const {file, block, seen} = startLane({choice, zstd: true});
  file(0);
  block(0, 0, blockSize / 4);
  assert.equal(seen.linkBytes, blockSize / 4);
  block(0, 1);
  assert.equal(seen.linkBytes, blockSize / 4 + blockSize, 'a block that is not compressed');
});

test('while it is open whether compression pays, one block is asked for, and more as soon as it is known', () => {
  const choice = {isOpen: true, compress: undefined as string[] | undefined};
  const {file, receiver, spans} = startLane({blocks: 40, choice, zstd: true});
  assert.deepEqual(spans(), [1]);
  file(0);
  receiver(0).blockMemory?.({offset: 0, length: blockSize, digest});
  receiver(0).landed?.(1000);
  assert.deepEqual(spans(), [1]);
  choice.isOpen = false;
  choice.compress = ['zstd'];
  receiver(0).landed?.(1000);
  assert.deepEqual(spans(), [1, 3], 'before the block is complete');
});
