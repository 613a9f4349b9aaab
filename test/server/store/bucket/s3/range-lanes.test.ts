/** Services that keep to no rule of HTTP, byte by byte, on a plain socket. */
import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import {once} from 'node:events';
import {syncBuiltinESMExports} from 'node:module';
import net, {type AddressInfo, createServer, Socket} from 'node:net';
import {type TestContext, test} from 'node:test';
import type {BucketPlace} from '../../../../../server/store/bucket/s3/bucket-place.ts';
import {RangeLanes} from '../../../../../server/store/bucket/s3/range-lanes.ts';
import {S3Client} from '../../../../../server/store/bucket/s3/s3-client.ts';
import {patternedBytes, until} from '../../../../fixtures/server/server-folder.ts';

const size = 100_000;
const content = patternedBytes(size);

type Service = {
  lanes: RangeLanes;
  place: BucketPlace;
  /** All connections so far, and how many requests came on each. */
  sockets: Socket[];
  requests: number[];
};

/** Lanes to a service that gives `answer` to the next request of a connection. */
async function serviceOf(
  t: TestContext,
  answer: (socket: Socket, request: string) => void,
): Promise<Service> {
  const sockets: Socket[] = [];
  const requests: number[] = [];
  const server = createServer(socket => {
    const index = sockets.push(socket) - 1;
    requests.push(0);
    socket.on('error', () => {});
    socket.on('data', data => {
      requests[index] = (requests[index] ?? 0) + 1;
      answer(socket, data.toString('latin1'));
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  // A server on TCP has such an address.
  const {port} = server.address() as AddressInfo;
  const place = {
    ...{bucket: 'bkt', prefix: '', region: 'us-east-1'},
    endpoint: new URL(`http://127.0.0.1:${port}`),
    credentials: {accessKeyId: 'a', secretAccessKey: 'b'},
  };
  const lanes = new RangeLanes(place);
  t.after(() => {
    lanes.close();
    for (const socket of sockets) {
      socket.destroy();
    }

    server.close();
  });
  return {lanes, place, sockets, requests};
}

function headOf(length = size, more: readonly string[] = []): string {
  return [
    ...['HTTP/1.1 206 Partial Content', 'ETag: "one"', `Content-Length: ${length}`],
    ...[`Content-Range: bytes 50-${50 + size - 1}/500000`, ...more, '', ''],
  ].join('\r\n');
}

const whole = () => Buffer.concat([Buffer.from(headOf()), content]);

/** Ask for the content. @returns whether the lane took the answer; then its bytes are right. */
async function ask(lanes: RangeLanes, signal?: AbortSignal): Promise<boolean> {
  const into = Buffer.alloc(size, 0xee);
  let told = 0;
  const isFilled = await lanes.fill({
    ...{path: '/bkt/a', etag: '"one"', offset: 50, into, silenceMs: 60_000, signal},
    progress(bytes) {
      assert.ok(bytes >= told);
      told = bytes;
    },
  });
  if (isFilled) {
    assert.ok(into.equals(content));
    assert.equal(told, size);
  }

  return isFilled;
}

test('one connection serves one range after the other, and two that are asked for at once have two', async t => {
  const {lanes, requests} = await serviceOf(t, socket => socket.write(whole()));
  for (let time = 0; time < 3; time++) {
    assert.equal(await ask(lanes), true);
  }

  assert.deepEqual(requests, [3]);
  assert.deepEqual(await Promise.all([ask(lanes), ask(lanes)]), [true, true]);
  assert.deepEqual(requests, [4, 1]);
});

test('an answer is taken however its head is cut', async t => {
  const bytes = whole();
  const {lanes} = await serviceOf(t, async socket => {
    socket.setNoDelay(true);
    for (const [from, to] of [
      [0, 10],
      [10, headOf().length - 2],
      [headOf().length - 2, headOf().length + 1],
      [headOf().length + 1, bytes.length],
    ]) {
      await new Promise(resolve => socket.write(bytes.subarray(from, to), resolve));
      await new Promise(resolve => setImmediate(resolve));
    }
  });
  assert.equal(await ask(lanes), true);
});

test('a connection that the service means to close is used for nothing more', async t => {
  const {lanes, requests} = await serviceOf(t, socket =>
    socket.write(Buffer.concat([Buffer.from(headOf(size, ['connection:close'])), content])),
  );
  assert.deepEqual([await ask(lanes), await ask(lanes)], [true, true]);
  assert.deepEqual(requests, [1, 1]);
});

test('a connection that the service closes while it rests is forgotten, without an error', async t => {
  const {lanes, requests, sockets} = await serviceOf(t, socket => socket.write(whole()));
  assert.equal(await ask(lanes), true);
  sockets[0]?.end();
  await once(sockets[0] ?? assert.fail(), 'close');
  await until(() => sockets[0]?.destroyed === true, 'the connection is closed');
  assert.equal(await ask(lanes), true);
  assert.deepEqual(requests, [1, 1]);
});

test('bytes that nobody asked for end a connection: they would be the front of the next answer', async t => {
  const {lanes, requests, sockets} = await serviceOf(t, (socket, _request) => {
    socket.write(Buffer.concat([whole(), Buffer.from(requests.length === 1 ? 'HTTP/1.1 2' : '')]));
  });
  assert.equal(await ask(lanes), true);
  const [first] = sockets;
  await until(() => first?.destroyed === true || first?.readableEnded === true, 'it is ended');
  assert.equal(await ask(lanes), true);
  assert.deepEqual(requests, [1, 1]);
});

test('any answer but the one with exactly these bytes is left to another way, and ends the connection', async t => {
  const answers: Record<string, string> = {
    'a head without an end': `HTTP/1.1 206 OK\r\nX: ${'x'.repeat(20_000)}`,
    'another status': headOf().replace('206 Partial Content', '200 OK'),
    'another version of HTTP': headOf().replace('HTTP/1.1', 'HTTP/1.0'),
    'a status that only begins so': headOf().replace('206 ', '2067 '),
    'another length': headOf(size - 1),
    'another range': headOf().replace('bytes 50-', 'bytes 51-'),
    'a range that only begins so': headOf().replace(`-${50 + size - 1}/`, `-${50 + size - 1}0/`),
    'another content': headOf().replace('"one"', '"two"'),
    chunks: headOf(size, ['Transfer-Encoding: chunked']),
    'a length twice': headOf(size, [`Content-Length: ${size}`]),
    'a line that is no header': headOf(size, ['what is this']),
    'a line without a name': headOf(size, [': x']),
  };
  for (const [name, head] of Object.entries(answers)) {
    const {lanes, sockets} = await serviceOf(t, socket => socket.write(head));
    assert.equal(await ask(lanes), false, name);
    const [socket] = sockets;
    await until(() => socket?.destroyed === true || socket?.readableEnded === true, name);
  }

  // More bytes with the head than were asked for.
  const head = headOf(3).replace(`-${50 + size - 1}/`, '-52/');
  const {lanes} = await serviceOf(t, socket =>
    socket.write(Buffer.concat([Buffer.from(head), Buffer.alloc(9)])),
  );
  const question = {path: '/bkt/a', etag: '"one"', offset: 50, into: Buffer.alloc(3)};
  assert.equal(
    await lanes
      .fill({...question, silenceMs: 60_000, progress: () => assert.fail()})
      .catch(() => 'error'),
    false,
  );
});

test('an answer that says busy is told at once, and one that refuses is left to another way', async t => {
  for (const [status, expected] of [
    [503, 'busy'],
    [429, 'busy'],
    [399, false],
    [403, false],
    [404, false],
  ] as const) {
    const {lanes} = await serviceOf(t, socket =>
      socket.write(`HTTP/1.1 ${status} X\r\nContent-Length: 0\r\n\r\n`),
    );
    const asked = ask(lanes);
    if (expected === false) {
      assert.equal(await asked, false, `${status}`);
    } else {
      await assert.rejects(asked, {code: expected});
    }
  }
});

test('a connection that is cut, and one that cannot be made, are told as busy', async t => {
  const {lanes} = await serviceOf(t, socket => socket.end(whole().subarray(0, 70_000)));
  await assert.rejects(ask(lanes), error => {
    assert.ok(error instanceof Error && error.cause instanceof Error);
    assert.match(error.cause.message, /the answer was cut|ECONNRESET/);
    return 'code' in error && error.code === 'busy';
  });
});

test('a range that nobody waits for any more ends its connection', async t => {
  const leaver = new AbortController();
  const {lanes, sockets} = await serviceOf(t, () => leaver.abort());
  await assert.rejects(ask(lanes, leaver.signal), {code: 'aborted'});
  const [socket] = sockets;
  await until(() => socket?.destroyed === true || socket?.readableEnded === true, 'it is ended');
});

test('a signal that is aborted later harms no connection that has its answer', async t => {
  const {lanes, requests} = await serviceOf(t, socket => socket.write(whole()));
  const leaver = new AbortController();
  assert.equal(await ask(lanes, leaver.signal), true);
  leaver.abort();
  assert.equal(await ask(lanes), true);
  assert.deepEqual(requests, [2]);
});

test('closing ends connections that rest at once, and one at work after its answer', async t => {
  const held = Promise.withResolvers<void>();
  const {lanes, sockets} = await serviceOf(t, async socket => {
    if (socket === sockets[1]) {
      await held.promise;
    }

    socket.write(whole());
  });
  const asked = [ask(lanes), ask(lanes)];
  assert.equal(await Promise.race(asked), true);
  await until(() => sockets.length === 2, 'both are asked');
  const ends = sockets.map(socket => once(socket, 'close'));
  lanes.close();
  await ends[0];
  held.resolve();
  assert.deepEqual(await Promise.all(asked), [true, true]);
  await ends[1];
});

test('after silence on a connection that rested, the range is requested on a new one', async t => {
  const own: Socket[] = [];
  const setTimeout = Socket.prototype.setTimeout;
  t.mock.method(Socket.prototype, 'setTimeout', function (this: Socket, ms: number) {
    own.push(this);
    return setTimeout.call(this, ms);
  });
  const allOpen = Promise.withResolvers<void>();
  const dead = new Set<Socket>();
  const triedDead: Socket[] = [];
  const {place, sockets} = await serviceOf(t, async socket => {
    if (dead.has(socket)) {
      triedDead.push(socket);
      own.find(({localPort}) => localPort === socket.remotePort)?.emit('timeout');
      return;
    }

    if (sockets.length === 3) {
      allOpen.resolve();
    }

    await allOpen.promise;
    socket.write(whole());
  });
  const client = new S3Client(place, {silenceMs: 60_000, retryMs: 60_000, pauseMs: 5});
  t.after(() => client.close());
  const read = async () => {
    const into = Buffer.alloc(size);
    await client.range('a', {etag: '"one"', offset: 50, into});
    assert.ok(into.equals(content));
  };
  await Promise.all([read(), read(), read()]);
  for (const socket of sockets) {
    dead.add(socket);
  }

  await read();
  assert.equal(triedDead.length, 1);
  assert.equal(sockets.length, 4);
});

test('the system asks a connection that rests whether the service is still there', async t => {
  const {mock} = t.mock.method(net, 'connect');
  syncBuiltinESMExports();
  t.after(() => {
    mock.restore();
    syncBuiltinESMExports();
  });
  const {lanes} = await serviceOf(t, socket => socket.write(whole()));
  assert.equal(await ask(lanes), true);
  const options: unknown = mock.calls[0]?.arguments[0];
  assert.partialDeepStrictEqual(options, {keepAlive: true, keepAliveInitialDelay: 1000});
});
