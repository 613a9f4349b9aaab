import assert from 'node:assert/strict';
import {readdirSync} from 'node:fs';
import type {Socket} from 'node:net';
import {join} from 'node:path';
import {type TestContext, test} from 'node:test';
import {constants, deflateSync, zstdCompressSync} from 'node:zlib';
import {blockSize, digestOf, rootDigest} from '../../../../protocol/block.ts';
import {encodeFrame, frameKinds} from '../../../../protocol/frame.ts';
import {encodeAnswer} from '../../../../protocol/messages.ts';
import {Client} from '../../../../source/client/client.ts';
import {RateLimiter} from '../../../../source/client/connection/rate-limiter.ts';
import {Queue, type TransferSnapshot} from '../../../../source/transfers/queue/queue.ts';
import {noise, path, temporaryFolder, treeOf, until} from '../../../fixtures/harness.ts';
import {runDownload} from '../../../fixtures/run-download.ts';
import {
  blockFrame,
  compressedFrame,
  type HostileRequest,
  type Script,
  startHostileServer,
} from '../../../fixtures/server/hostile-server.ts';

const version = 'v1';
const content = noise(2 * blockSize + 10);

function file(size: number): Buffer {
  return encodeAnswer('file', {size, mtimeMs: 1000, version});
}

function block(index: number): Buffer {
  return blockFrame(
    index * blockSize,
    content.subarray(index * blockSize, (index + 1) * blockSize),
  );
}

function rootOf(bytes: Buffer): string {
  const digests: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += blockSize) {
    digests.push(digestOf('sha256', bytes.subarray(at, at + blockSize)));
  }

  return rootDigest('sha256', Buffer.concat(digests)).toString('hex');
}

/** A server that is honest about everything but `get`. */
function lyingAbout(get: (socket: Socket, request: HostileRequest) => void): Script {
  return (socket, request) => {
    if (request.kind === frameKinds.stat) {
      socket.write(
        encodeAnswer('entry', {
          name: 'a',
          type: 'file',
          size: content.length,
          mtimeMs: 1000,
          version,
        }),
      );
    } else if (request.kind === frameKinds.get) {
      get(socket, request);
    } else if (request.kind === frameKinds.digestsRequest) {
      socket.write(encodeAnswer('end', {size: content.length, version, root: rootOf(content)}));
    }
  };
}

async function fetchFrom(
  t: TestContext,
  script: Script,
  size?: number,
  features: readonly string[] = [],
): Promise<{row: TransferSnapshot; target: string}> {
  const target = join(temporaryFolder(t), 'target');
  // So slow that the client asks for compressed blocks if the server can send them.
  const limiter = new RateLimiter(40_000_000);
  const client = new Client(await startHostileServer(t, script, features), {limiter});
  const queue = new Queue({client});
  t.after(async () => {
    await queue[Symbol.asyncDispose]();
    await client[Symbol.asyncDispose]();
  });
  const [id = 0] = queue.add([
    {remotePath: path('a'), folder: target, localPath: 'a', size, onConflict: 'fail'},
  ]);
  await queue.idle();
  const row = queue.transfer(id);
  assert.ok(row);
  return {row, target};
}

const lies: ReadonlyArray<[string, string, (socket: Socket) => void]> = [
  [
    'wrong digests',
    'digest_mismatch',
    socket =>
      void socket.write(
        Buffer.concat([
          file(content.length),
          blockFrame(0, content.subarray(0, blockSize), Buffer.alloc(32)),
        ]),
      ),
  ],
  [
    'a block twice',
    'protocol',
    socket => void socket.write(Buffer.concat([file(content.length), block(0), block(0)])),
  ],
  [
    'blocks out of order',
    'protocol',
    socket => void socket.write(Buffer.concat([file(content.length), block(1)])),
  ],
  [
    'a block beyond the end',
    'protocol',
    socket =>
      void socket.write(
        Buffer.concat([
          file(content.length),
          block(0),
          block(1),
          block(2),
          blockFrame(3 * blockSize, noise(10)),
        ]),
      ),
  ],
  [
    'a block longer than announced',
    'protocol',
    socket =>
      void socket.write(
        Buffer.concat([
          file(content.length),
          block(0),
          block(1),
          blockFrame(2 * blockSize, noise(11)),
        ]),
      ),
  ],
  [
    'an end before the blocks',
    'protocol',
    socket =>
      void socket.write(
        Buffer.concat([file(content.length), block(0), encodeAnswer('end', {version})]),
      ),
  ],
  [
    'another size',
    'changed',
    socket => void socket.write(Buffer.concat([file(content.length + 1), block(0)])),
  ],
  [
    'a root digest of something else',
    'changed',
    socket =>
      void socket.write(
        Buffer.concat([
          file(content.length),
          block(0),
          block(1),
          block(2),
          encodeAnswer('end', {version, root: '0'.repeat(64)}),
        ]),
      ),
  ],
  ['bytes that are no frames', 'protocol', socket => void socket.write(noise(4000))],
  [
    'a frame nobody asked for',
    'protocol',
    socket => void socket.write(encodeFrame(frameKinds.pong, '{}')),
  ],
  [
    'JSON that is none',
    'protocol',
    socket => void socket.write(encodeFrame(frameKinds.file, '{"size":')),
  ],
  [
    'a negative size',
    'protocol',
    socket =>
      void socket.write(
        encodeFrame(frameKinds.file, JSON.stringify({size: -1, mtimeMs: 0, version})),
      ),
  ],
];

for (const [what, code, lie] of lies) {
  test(`44: a server that sends ${what}: no file gets the final name, and the code is ${code}`, async t => {
    const target = temporaryFolder(t);
    await using client = new Client(await startHostileServer(t, lyingAbout(lie)));
    const tools = {pause: async () => undefined};
    await assert.rejects(runDownload(client, target, {tools}), {code});
    for (const [name, bytes] of treeOf(target)) {
      assert.equal(name, 'a.jangada-part');
      // Written bytes had been verified.
      assert.ok(bytes.equals(content.subarray(0, bytes.length)));
    }
  });
}

for (const [what, bytes] of [
  ['would grow a thousandfold', deflateSync(Buffer.alloc(blockSize))],
  ['are the block, deflated', deflateSync(content.subarray(0, blockSize))],
] as const) {
  test(`42: nothing is decompressed: bytes that ${what} are a wrong block, whatever the flags are`, async t => {
    const deflated = blockFrame(0, bytes, digestOf('sha256', content.subarray(0, blockSize)));
    const {row, target} = await fetchFrom(
      t,
      lyingAbout(socket => {
        // All flags are set, and the length is that of the bytes on the network.
        deflated.fill(0xff, 5, 8);
        socket.write(Buffer.concat([file(content.length), deflated]));
      }),
    );
    assert.equal(row.state.name, 'failed');
    assert.ok(!treeOf(target).has('a'));
  });
}

const firstBlock = content.subarray(0, blockSize);
const honest = {length: blockSize, digest: digestOf('sha256', firstBlock)};
const {ZSTD_c_windowLog: windowLog} = constants;

for (const [what, compressed] of [
  ['of another block', zstdCompressSync(Buffer.alloc(blockSize))],
  ['that would grow to 64 MiB', zstdCompressSync(Buffer.alloc(64 * blockSize))],
  [
    'that want a window of 128 MiB',
    zstdCompressSync(firstBlock.subarray(0, 99), {params: {[windowLog]: 27}}),
  ],
  ['with others behind them', Buffer.concat([zstdCompressSync(Buffer.alloc(blockSize)), noise(9)])],
  ['that are noise', noise(1000)],
] as const) {
  test(`42: compressed bytes ${what} are a damaged block, which is never written`, async t => {
    let closed = 0;
    const {row, target} = await fetchFrom(
      t,
      lyingAbout((socket, {body}) => {
        assert.deepEqual(body.compress, ['zstd']);
        socket.on('close', () => closed++);
        socket.write(Buffer.concat([file(content.length), compressedFrame(0, compressed, honest)]));
      }),
      content.length,
      ['zstd'],
    );
    assert.equal(row.state.name, 'failed');
    assert.ok(!treeOf(target).has('a'));
    assert.ok(
      treeOf(target)
        .get('a.jangada-part')
        ?.every(byte => byte === 0) ?? true,
    );
    await until(() => closed > 0);
  });
}

test('42: an unrequested compressed block costs the connection', async t => {
  const zeros = Buffer.alloc(content.length);
  const digest = digestOf('sha256', zeros.subarray(0, blockSize));
  const compressed = zstdCompressSync(zeros.subarray(0, blockSize));
  const {row} = await fetchFrom(
    t,
    lyingAbout((socket, {body}) => {
      assert.equal(body.compress, undefined);
      socket.write(file(content.length));
      socket.write(compressedFrame(0, compressed, {length: blockSize, digest}));
    }),
  );
  assert.equal(row.state.name, 'failed');
});

test('42: flags have no effect: a right block with all flags set is accepted', async t => {
  const flagged = blockFrame(0, noise(5));
  flagged.fill(0xff, 5, 8);
  const end = encodeAnswer('end', {version, root: rootOf(noise(5))});
  const {row, target} = await fetchFrom(
    t,
    (socket, request) => {
      if (request.kind === frameKinds.get) {
        socket.write(Buffer.concat([file(5), flagged, end]));
      } else if (request.kind === frameKinds.stat) {
        socket.write(
          encodeAnswer('entry', {name: 'a', type: 'file', size: 5, mtimeMs: 0, version}),
        );
      }
    },
    5,
  );
  assert.deepEqual(row.state, {name: 'done', outcome: 'verified'});
  assert.deepEqual(treeOf(target).get('a'), noise(5));
});

test('44: a server that sends without end is cut off at the announced size', async t => {
  let closed = false;
  const {row} = await fetchFrom(
    t,
    lyingAbout(socket => {
      socket.on('close', () => {
        closed = true;
      });
      socket.write(file(content.length));
      const pour = () => {
        while (!socket.destroyed && socket.write(block(0))) {
          // Send as fast as the client reads.
        }
      };
      socket.on('drain', pour);
      pour();
    }),
  );
  assert.equal(row.state.name, 'failed');
  await until(() => closed);
});

for (const [what, answer] of [
  ['more than was announced', [file(5), blockFrame(0, noise(9))]],
  ['less than was announced', [file(5), encodeAnswer('end', {version, root: rootOf(noise(5))})]],
  ['an empty file that is not', [file(0), blockFrame(0, noise(5))]],
] as const) {
  test(`44: a small file of which a server sends ${what} gets no final name`, async t => {
    const {row, target} = await fetchFrom(
      t,
      (socket, request) => {
        if (request.kind === frameKinds.get) {
          socket.write(Buffer.concat(answer));
        } else if (request.kind === frameKinds.stat) {
          socket.write(
            encodeAnswer('entry', {name: 'a', type: 'file', size: 5, mtimeMs: 0, version}),
          );
        }
      },
      5,
    );
    assert.equal(row.state.name, 'failed');
    assert.deepEqual(
      readdirSync(target).filter(name => name === 'a'),
      [],
    );
  });
}

/** Answers `get` for a file of 5 bytes. A byte is flipped if `damaged` returns true for the number of the request. */
function smallFileScript(damaged: (get: number) => boolean): Script {
  let gets = 0;
  return (socket, request) => {
    if (request.kind === frameKinds.get) {
      const bytes = noise(5);
      const digest = digestOf('sha256', bytes);
      if (damaged(++gets)) {
        bytes[3] = (bytes[3] ?? 0) ^ 4;
      }

      const end = encodeAnswer('end', {version, root: rootOf(noise(5))});
      socket.write(Buffer.concat([file(5), blockFrame(0, bytes, digest), end]));
    } else if (request.kind === frameKinds.stat) {
      socket.write(encodeAnswer('entry', {name: 'a', type: 'file', size: 5, mtimeMs: 0, version}));
    }
  };
}

test('a small file that arrives with a flipped byte is fetched again, and is right then', async t => {
  const script = smallFileScript(get => get === 1);
  const {row, target} = await fetchFrom(t, script, 5);
  assert.deepEqual(row.state, {name: 'done', outcome: 'verified'});
  assert.deepEqual(treeOf(target), new Map([['a', noise(5)]]));
});

test('a small file that always arrives with a flipped byte gets no final name', async t => {
  const {row, target} = await fetchFrom(
    t,
    smallFileScript(() => true),
    5,
  );
  assert.equal(row.state.name === 'failed' && row.state.code, 'digest_mismatch');
  assert.ok(!treeOf(target).has('a'));
});

test('43: forbidden names in a listing arrive unchanged, and cannot become paths', async t => {
  const names = ['../x', '/x', '', '..', 'a/b', 'ok'];
  const client = new Client(
    await startHostileServer(t, socket => {
      const entries = names.map(name => ({name, type: 'file' as const, size: 1, mtimeMs: 0}));
      socket.write(encodeAnswer('entries', {entries}));
      socket.write(encodeAnswer('end', {count: names.length}));
    }),
  );
  t.after(() => client[Symbol.asyncDispose]());
  const seen: string[] = [];
  for await (const batch of client.list(path(''))) {
    seen.push(...batch.map(entry => entry.name));
  }

  assert.deepEqual(seen, names);
  assert.throws(() => path('../x'));
});
