import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import {test} from 'node:test';
import fc from 'fast-check';
import {ServedFolder} from '../../fixtures/server/server-folder.ts';
import {json, kinds, rawFrame} from '../../fixtures/server/server-raw-peer.ts';

const preface = 'jangada/1\r\n';
const file = {old: 'x'.repeat(3_000_000)};

test('hello names the protocol, the algorithms, the features and the limits', async () => {
  await using folder = await ServedFolder.start();
  const peer = await folder.silentPeer();
  // Send the preface in pieces, and then a request.
  for (const byte of preface) {
    peer.send(byte);
    await new Promise(resolve => setImmediate(resolve));
  }

  peer.send(rawFrame(kinds.ping));
  const hello = json((await peer.frame()) ?? assert.fail());
  assert.equal(hello.protocol, 1);
  assert.equal(hello.token, false);
  assert.ok(Array.isArray(hello.algorithms) && hello.algorithms.includes('sha256'));
  assert.deepEqual(hello.features, ['find-folders', 'files', 'clipped-ranges', 'zstd', 'roots']);
  assert.deepEqual(hello.limits, {
    payload: 262_144,
    pipelined: 128,
    ranges: 1024,
    masks: 64,
    maskLength: 4096,
  });
  assert.equal((await peer.frame())?.kind, kinds.pong);
});

test('the server keeps the limits in hello: it accepts exactly as much, and refuses one more', async () => {
  await using folder = await ServedFolder.start(file);
  const peer = await folder.silentPeer();
  peer.send(preface);
  const hello = json((await peer.frame()) ?? assert.fail());
  // The test above checks that all of them are numbers.
  const {limits} = hello as {limits: Record<string, number>};
  const {payload = 0, ranges = 0, masks = 0, maskLength = 0} = limits;
  const find = (masks: string[]) => [kinds.find, {path: '', masks}] as const;
  // The server counts ranges before it checks their order.
  const get = (count: number) =>
    [kinds.get, {path: 'old', ranges: Array.from({length: count}, () => [0, 1])}] as const;
  const codes: Array<string | undefined> = [];
  const messages: unknown[] = [];
  for (const [kind, body] of [
    find(Array.from({length: masks}, () => 'a')),
    find(Array.from({length: masks + 1}, () => 'a')),
    find(['a'.repeat(maskLength)]),
    find(['a'.repeat(maskLength + 1)]),
    get(ranges),
    get(ranges + 1),
  ]) {
    const last = (await peer.ask(kind, body)).at(-1) ?? assert.fail();
    codes.push(last.kind === kinds.error ? String(json(last).code) : undefined);
    messages.push(json(last).message);
  }

  assert.deepEqual(codes, [
    undefined,
    'bad_mask',
    undefined,
    'bad_mask',
    'bad_request',
    'bad_request',
  ]);
  assert.match(String(messages[4]), /does not begin and end where blocks do/);
  assert.match(String(messages[5]), /At most 1024 ranges/);
  const padding = ' '.repeat(payload - 2);
  peer.send(rawFrame(kinds.ping, `{${padding}}`));
  assert.equal((await peer.frame())?.kind, kinds.pong);
  peer.send(rawFrame(kinds.ping, `{${padding} }`));
  assert.equal(await peer.errorCode(), 'bad_request');
  await peer.end();
});

test('rows 23–25: bytes that are not frames cost one error and the connection, but no other connection', async () => {
  await using folder = await ServedFolder.start(file);
  const witness = await folder.peer();
  const bytes: Record<string, Buffer | string> = {
    'length 2³²−1': rawFrame(kinds.ping, '{}', 0xffffffff),
    'length over the limit': rawFrame(kinds.list, '{}', 262_145),
    'unknown kind': rawFrame(0x3a),
    'kind 0': rawFrame(0),
    'an answer as a request': rawFrame(kinds.hello),
    'a block': rawFrame(kinds.block, Buffer.alloc(100)),
  };
  for (const [what, sent] of Object.entries(bytes)) {
    const peer = await folder.peer();
    peer.send(sent);
    assert.equal(await peer.errorCode(), 'bad_request', what);
    assert.equal(await peer.frame(), undefined, what);
  }

  for (const wrong of [
    'GET / HTTP/1.1\r\n\r\n',
    'jangada/2\r\n',
    'SSH-2.0-x\r\n',
    '\x16\x03\x01',
    'j\0',
  ]) {
    const peer = await folder.silentPeer();
    peer.send(wrong);
    assert.equal(await peer.errorCode(), 'bad_request', wrong);
    assert.equal(await peer.frame(), undefined, wrong);
  }

  assert.equal((await witness.ask(kinds.ping, {})).at(-1)?.kind, kinds.pong);
});

test('requests before bytes that are not frames get their answers first', async () => {
  await using folder = await ServedFolder.start(file);
  const peer = await folder.peer();
  peer.send(
    Buffer.concat([rawFrame(kinds.get, '{"path":"old"}'), rawFrame(kinds.ping), rawFrame(0x3a)]),
  );
  assert.equal((await peer.answer()).at(-1)?.kind, kinds.end);
  assert.equal((await peer.answer()).at(-1)?.kind, kinds.pong);
  assert.equal(await peer.errorCode(), 'bad_request');
  assert.equal(await peer.frame(), undefined);
});

test('row 29: a payload that is not a message costs an error, and the connection stays open', async () => {
  await using folder = await ServedFolder.start(file);
  const peer = await folder.peer();
  const payloads: (string | Buffer)[] = [
    '',
    'nonsense',
    '[]',
    'null',
    '"path"',
    '{}',
    '{"path":',
    `${'['.repeat(200_000)}`,
    `{"path":${'['.repeat(100_000)}${']'.repeat(100_000)}}`,
    `{"path":"${'x'.repeat(262_000)}"}`,
    Buffer.from([0xff, 0xfe, 0x7b]),
    '{"__proto__":{"path":"old"}}',
    '{"constructor":1,"path":3}',
  ];
  for (const payload of payloads) {
    peer.send(rawFrame(kinds.stat, payload));
    assert.equal(await peer.errorCode(), 'bad_request', String(payload).slice(0, 40));
  }

  const extra = '{"path":"old","__proto__":{"polluted":1},"later":{"a":[1]},"version":{"x":1}}';
  peer.send(rawFrame(kinds.stat, extra));
  assert.equal((await peer.answer())[0]?.kind, kinds.entry);
  assert.equal('polluted' in {}, false);
});

test('rows 26, 27: numbers that cannot be an offset, a length or a block are refused', async () => {
  await using folder = await ServedFolder.start(file);
  const peer = await folder.peer();
  const numbers = ['-1', '0.5', '9007199254740992', '1e308', '"1"', 'null', '4194304', '3000001'];
  for (const number of numbers) {
    for (const [kind, rest] of [
      [kinds.get, `"ranges":[[${number},1]]`],
      [kinds.get, `"ranges":[[0,${number}]]`],
      [kinds.digests, `"from":${number}`],
      [kinds.digests, `"from":1,"to":${number}`],
    ] as const) {
      peer.send(rawFrame(kind, `{"path":"old",${rest}}`));
      assert.equal(await peer.errorCode(), 'bad_request', rest);
    }
  }

  for (const number of ['-1', '0.5', '9007199254740992', '"1"', 'null']) {
    peer.send(rawFrame(kinds.hash, `{"path":"old","length":${number}}`));
    assert.equal(await peer.errorCode(), 'bad_request', number);
  }

  const most = Number.MAX_SAFE_INTEGER;
  for (const ranges of [[[most, most]], [[0, most]], [[0, 0]], [[1_048_576, most - 5]]]) {
    peer.request(kinds.get, {path: 'old', ranges});
    assert.equal(await peer.errorCode(), 'bad_request');
  }
});

test('row 28: ranges that are too many, overlap, go back or cut blocks are refused', async () => {
  await using folder = await ServedFolder.start(file);
  const peer = await folder.peer();
  const block = 1_048_576;
  const wrong: number[][][] = [
    Array.from({length: 1025}, (_, index) => [index * block, block]),
    Array.from({length: 20_000}, () => [0, 1]),
    [
      [0, block],
      [0, block],
    ],
    [
      [block, block],
      [0, block],
    ],
    [
      [0, 2 * block],
      [block, block],
    ],
    [[0, 5]],
    [[5, block - 5]],
    [[2 * block, block]],
  ];
  for (const ranges of wrong) {
    peer.request(kinds.get, {path: 'old', ranges});
    assert.equal(await peer.errorCode(), 'bad_request', JSON.stringify(ranges.slice(0, 3)));
  }

  peer.send(rawFrame(kinds.ping));
  assert.equal((await peer.frame())?.kind, kinds.pong);
});

test('whatever bytes a client sends, others are served', async () => {
  await using folder = await ServedFolder.start({'a/b': 'x'});
  const witness = await folder.peer();
  const message = fc.oneof(
    fc.uint8Array({maxLength: 300}),
    fc
      .tuple(fc.integer({min: 0, max: 255}), fc.uint8Array({maxLength: 64}), fc.option(fc.nat()))
      .map(([kind, payload, length]) => rawFrame(kind, payload, length ?? undefined)),
    fc
      .tuple(
        fc.integer({min: 1, max: 7}),
        fc.record({path: fc.string(), masks: fc.array(fc.string()), from: fc.integer()}),
      )
      .map(([kind, payload]) => rawFrame(kind, JSON.stringify(payload))),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(message, {maxLength: 5}), fc.boolean(), async (messages, greets) => {
      const peer = await folder.silentPeer();
      if (greets) {
        peer.send(preface);
      }

      for (const bytes of messages) {
        peer.send(bytes);
      }

      const answered = greets ? peer.frame() : undefined;
      assert.equal((await witness.ask(kinds.stat, {path: 'a/b'})).at(-1)?.kind, kinds.entry);
      await answered;
      peer.socket.destroy();
      await peer.end();
    }),
    {numRuns: 60},
  );
});
