/** What becomes of one small file, by the answer to its request. */
import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import {hash} from 'node:crypto';
import {test} from 'node:test';
import {type DigestAlgorithm, digestOf, rootDigest} from '../../../../../protocol/block.ts';
import {Due} from '../../../../../protocol/due.ts';
import {type ErrorCode, JangadaError} from '../../../../../protocol/errors.ts';
import {frameKinds} from '../../../../../protocol/frame.ts';
import type {Connection} from '../../../../../source/client/connection/connection.ts';
import {ReceiveBuffers} from '../../../../../source/client/connection/receive-buffers.ts';
import {Ending} from '../../../../../source/transfers/blocks/ending.ts';
import {flusher} from '../../../../../source/transfers/disk/flush.ts';
import type {OpenFolder} from '../../../../../source/transfers/disk/folders/target-folder.ts';
import {openFiles} from '../../../../../source/transfers/disk/open-files.ts';
import type {FlushGroup} from '../../../../../source/transfers/download/small/flush-group.ts';
import {receiveSmallFile} from '../../../../../source/transfers/download/small/receive-small-file.ts';
import type {SmallFile, Turn} from '../../../../../source/transfers/download/small/small-file.ts';
import {checker} from '../../../../../source/transfers/hashing/checker.ts';
import type {DownloadEvent} from '../../../../../source/transfers/terms/download-event.ts';
import {freePlaces} from '../../../../fixtures/free-places.ts';
import {noise} from '../../../../fixtures/harness.ts';
import {type Endings, smallFile} from '../../../../fixtures/small-group.ts';

const size = 1000;
const content = noise(size);
const version = 'v';

type Options = {
  bytes?: Buffer;
  algorithm?: DigestAlgorithm;
  checksums?: boolean;
  more?: Partial<SmallFile>;
  /** Whether there is a descriptor for the file. */
  hasRoom?: boolean;
};

/** A receiver for a file that was listed with the size of `bytes`, and what becomes of the file. */
function startReceiver({
  bytes = content,
  algorithm = 'sha256',
  checksums = false,
  more = {},
  hasRoom = true,
}: Options = {}) {
  const endings: Endings = new Map();
  const told: DownloadEvent[] = [];
  const folder = {path: '/to'} as OpenFolder;
  const file = {
    ...smallFile(folder, 'a', bytes.length, endings, event => told.push(event)),
    ...more,
  };
  const turn = {settled: [] as number[], rejected: [] as string[], again: 0};
  const added: unknown[] = [];
  const group = {
    add(...[, remote, itsBytes, sha256]: Parameters<FlushGroup['add']>) {
      added.push({remote, bytes: Buffer.from(itsBytes), sha256});
      // As a group does that has written the file.
      if (hasRoom) {
        openFiles.give();
      }

      return hasRoom;
    },
  } as unknown as FlushGroup;
  const clock = {nowMs: 0};
  const blocks = new ReceiveBuffers(1);
  const before = freePlaces();
  assert.ok(openFiles.take());
  const receiver = receiveSmallFile(
    {resume() {}} as unknown as Connection,
    file,
    {blocks, checker, flusher, algorithm, checksums, ending: new Ending()},
    group,
    {
      due: new Due(100, () => clock.nowMs),
      settle: cost => turn.settled.push(cost),
      reject: error => turn.rejected.push(error.code),
      again: () => turn.again++,
      came: () => assert.fail(),
      asked: () => assert.fail(),
    } satisfies Turn,
  );
  const digest = digestOf(algorithm, bytes);
  const right = rootDigest(algorithm, bytes.length === 0 ? bytes : digest).toString('hex');
  const control = (kind: 'file' | 'end' | 'pong', body: object) =>
    receiver.control(frameKinds[kind], Buffer.from(JSON.stringify(body)));
  const announce = (changed: object = {}) =>
    control('file', {size: bytes.length, mtimeMs: 7, version, ...changed});
  const block = (header: object = {}, itsBytes = bytes) => {
    const whole = {offset: 0, length: bytes.length, digest, ...header};
    const memory = receiver.blockMemory?.(whole);
    assert.ok(memory);
    itsBytes.copy(memory);
    receiver.landed?.(itsBytes.length);
    receiver.block?.(whole, memory);
  };
  const end = (root: string | undefined = right) => control('end', root === '' ? {} : {root});
  /** How it ended; all that it had must be given back by then. */
  const outcome = (): string | undefined => {
    assert.equal(freePlaces(), before, 'its place among the open files is given back');
    const memory = blocks.take();
    assert.ok(memory, 'its memory is given back');
    blocks.give(memory);
    return endings.get('a');
  };
  return {
    ...{announce, block, end, control, receiver, outcome},
    ...{told, turn, added, clock, endings},
  };
}

test('a file that is as it was announced is written, and its turn ends', () => {
  const {announce, block, end, outcome, added, turn} = startReceiver();
  assert.equal(announce(), false);
  block();
  assert.equal(end(), true);
  assert.equal(outcome(), undefined);
  const remote = {size, mtimeMs: 7, version};
  assert.deepEqual(added, [{remote, bytes: content, sha256: undefined}]);
  assert.deepEqual(turn, {settled: [size + 512], rejected: [], again: 0});
});

test('an empty file comes without a block', () => {
  const {announce, end, outcome, added} = startReceiver({bytes: Buffer.alloc(0)});
  announce();
  end();
  assert.equal(outcome(), undefined);
  assert.equal(added.length, 1);
});

const strange: Readonly<Record<string, (answer: ReturnType<typeof startReceiver>) => void>> = {
  'has another root'({announce, block, end}) {
    announce();
    block();
    end('0'.repeat(64));
  },
  'has no root'({announce, block, end}) {
    announce();
    block();
    end('');
  },
  'ends without its bytes'({announce, end}) {
    announce();
    end();
  },
  'ends without its announcement': ({end}) => end(),
  'has another size now'({announce, end}) {
    announce({size: 5});
    end();
  },
};

for (const [what, answer] of Object.entries(strange)) {
  test(`a file that ${what} is left to a download of its own`, () => {
    const started = startReceiver();
    answer(started);
    assert.equal(started.outcome(), 'leave');
    assert.deepEqual([started.added, started.turn.settled], [[], [size + 512]]);
  });
}

test('an empty file whose root is another one is left', () => {
  const {announce, end, outcome} = startReceiver({bytes: Buffer.alloc(0)});
  announce();
  end('0'.repeat(64));
  assert.equal(outcome(), 'leave');
});

test('a block that was not asked for breaks the protocol: at another place, of another size, twice, or unannounced', () => {
  for (const header of [{offset: 1}, {length: size - 1}]) {
    const {announce, block} = startReceiver();
    announce();
    assert.throws(() => block(header), {code: 'protocol'});
    openFiles.give();
  }

  const {announce, block} = startReceiver();
  assert.throws(() => block(), {code: 'protocol'});
  announce();
  block();
  assert.throws(() => block(), {code: 'protocol'});
  openFiles.give();
  const other = startReceiver();
  other.announce({size: 5});
  assert.throws(() => other.block(), {code: 'protocol'});
  openFiles.give();
});

test('a frame of another request breaks the protocol', () => {
  const {announce, control} = startReceiver();
  announce();
  assert.throws(() => announce(), {code: 'protocol'});
  assert.throws(() => control('pong', {}), {code: 'protocol'});
  openFiles.give();
});

test('bytes that do not have their digest are damaged', () => {
  const {announce, block} = startReceiver();
  announce();
  assert.throws(() => block({}, noise(size, 2)), {code: 'digest_mismatch'});
  openFiles.give();
});

for (const [code, ending, isRejected] of [
  ['not_found', 'not_found', false],
  ['forbidden', 'forbidden', false],
  ['internal', 'internal', false],
  ['changed', 'leave', false],
  ['bad_request', 'leave', false],
  ['busy', undefined, true],
  ['timed_out', undefined, true],
  ['connection_lost', undefined, true],
  ['unreachable', undefined, true],
  ['digest_mismatch', undefined, true],
  ['protocol', undefined, true],
  ['aborted', undefined, true],
] as ReadonlyArray<[ErrorCode, string | undefined, boolean]>) {
  test(`the error ${code} ends ${isRejected ? 'the connection' : 'only the file'}`, () => {
    const {announce, receiver, outcome, turn} = startReceiver();
    announce();
    receiver.blockMemory?.({offset: 0, length: size, digest: digestOf('sha256', content)});
    receiver.failed(new JangadaError(code, 'x'));
    assert.equal(outcome(), ending);
    assert.deepEqual(turn.rejected, isRejected ? [code] : []);
    assert.deepEqual(turn.settled, isRejected ? [] : [size + 512]);
  });
}

test('the bytes of a file are told while it arrives, ten times a second, and taken back when it is lost', () => {
  const {announce, receiver, told, clock, outcome} = startReceiver();
  const received = () =>
    told.flatMap(event => (event.type === 'progress' ? [event.receivedBytes] : []));
  announce();
  receiver.blockMemory?.({offset: 0, length: size, digest: digestOf('sha256', content)});
  receiver.landed?.(100);
  assert.deepEqual(received(), []);
  clock.nowMs = 100;
  receiver.landed?.(100);
  receiver.landed?.(100);
  assert.deepEqual(received(), [200]);
  receiver.failed(new JangadaError('connection_lost', 'x'));
  assert.deepEqual(received(), [200, 0]);
  outcome();
});

test('a file of which nothing was told takes nothing back, and its last bytes are not told before it is whole', () => {
  const {announce, receiver, told, clock} = startReceiver();
  announce();
  receiver.blockMemory?.({offset: 0, length: size, digest: digestOf('sha256', content)});
  clock.nowMs = 1000;
  receiver.landed?.(size);
  receiver.failed(new JangadaError('connection_lost', 'x'));
  assert.deepEqual(told, []);
});

for (const algorithm of ['sha256', 'blake3'] as const) {
  for (const bytes of [content, Buffer.alloc(0)]) {
    test(`the SHA-256 of a file of ${bytes.length} bytes is that of its bytes, with digests by ${algorithm}`, () => {
      const {announce, block, end, added, outcome} = startReceiver({
        ...{bytes, algorithm, checksums: true},
      });
      announce();
      if (bytes.length > 0) {
        block();
      }

      end();
      outcome();
      const sha256 = hash('sha256', bytes, 'hex');
      assert.partialDeepStrictEqual(added, [{sha256}]);
    });
  }
}

test('a file that is not the expected one is not written, and the error names both', () => {
  const {announce, block, end, added, outcome, told} = startReceiver({
    more: {sha256: 'ab'.repeat(32)},
  });
  announce();
  block();
  end();
  assert.equal(outcome(), 'unexpected');
  assert.deepEqual(added, []);
  const failed = told.find(event => event.type === 'failed');
  const has = hash('sha256', content, 'hex');
  const message = failed?.error.message ?? '';
  assert.ok(message.includes(`sends sha256:${has}`), message);
  assert.ok(message.includes('ab'.repeat(32)), message);
});

test('a file that nobody wants any more is not written', () => {
  const {announce, block, end, added, outcome, endings} = startReceiver();
  announce();
  block();
  endings.set('a', 'canceled');
  end();
  assert.equal(outcome(), 'canceled');
  assert.deepEqual(added, []);
});

test('a file for which there is no descriptor is asked for once more', () => {
  const {announce, block, end, turn} = startReceiver({hasRoom: false});
  announce();
  block();
  end();
  openFiles.give();
  assert.deepEqual(turn, {settled: [size + 512], rejected: [], again: 1});
});

test('of another server only the version of the main one is taken; any other one, and each error, is a miss and no end', () => {
  for (const [what, reason] of [
    ['same', undefined],
    ['other', 'changed'],
    ['not_found', 'not_found'],
    ['wrong root', 'changed'],
  ] as const) {
    const missed: string[] = [];
    const agreed = {
      version: what === 'other' ? 'w' : version,
      missed: (error: JangadaError) => missed.push(error.code),
    };
    const {announce, block, end, added, outcome, receiver} = startReceiver({more: {agreed}});
    announce();
    if (what === 'not_found') {
      receiver.failed(new JangadaError('not_found', 'x'));
    } else {
      block();
      end(what === 'wrong root' ? '0'.repeat(64) : undefined);
    }

    assert.equal(outcome(), undefined, what);
    assert.deepEqual(missed, reason === undefined ? [] : [reason], what);
    assert.equal(added.length, what === 'same' ? 1 : 0, what);
  }
});
