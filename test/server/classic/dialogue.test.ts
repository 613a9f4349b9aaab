import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import {test} from 'node:test';
import {noCounts} from '../../../server/metrics/counts.ts';
import {ClassicPeer} from '../../fixtures/server/classic-peer.ts';
import {patternedBytes, ServedFolder, until} from '../../fixtures/server/server-folder.ts';
import {json, kinds} from '../../fixtures/server/server-raw-peer.ts';

const classic = {pauseMs: 0};
const prompt = 'Envie o nome do arquivo desejado: ';

test('a client that begins with a digit gets an answer only if the server was started with --classic', async () => {
  await using folder = await ServedFolder.start({a: 'x'});
  const peer = await folder.silentPeer();
  peer.send('1');
  assert.equal(await peer.errorCode(), 'bad_request');
});

test('one port answers the protocol and the classic dialogue', async () => {
  await using folder = await ServedFolder.start({a: 'x'}, {classic});
  const peer = await folder.peer();
  assert.equal((await peer.ask(kinds.stat, {path: 'a'})).at(-1)?.kind, kinds.entry);
  using old = await ClassicPeer.of(folder);
  old.send('1');
  await old.expect('a (1 bytes)');
  assert.equal((await peer.ask(kinds.ping, {})).at(-1)?.kind, kinds.pong);
  const other = await folder.silentPeer();
  other.send('GET / HTTP/1.1\r\n\r\n');
  assert.equal(await other.errorCode(), 'bad_request');
});

test('each message is a segment of its own', async () => {
  await using folder = await ServedFolder.start({'a.txt': 'abc'}, {classic: {pauseMs: 1000}});
  using peer = await ClassicPeer.of(folder);
  peer.send('3');
  assert.equal(await peer.recv(), 'Envie a mascara de arquivos desejada (exemplo: *.jpg): ');
  peer.send('*');
  const said: string[] = [];
  while (said.at(-1) !== 'Encerrado') {
    said.push(await peer.recv());
  }

  const begin = 'Arquivos encontrados. Iniciando envio...';
  assert.deepEqual(said, ['1', begin, 'a.txt:3\n', 'abc', 'FINAL\n', 'Encerrado']);
});

test('a client can send several commands, also in one segment, with line ends and answers between them', async () => {
  await using folder = await ServedFolder.start({'a.txt': 'abc'}, {classic});
  using peer = await ClassicPeer.of(folder);
  for (const line of ['1', '1\n', '\r\n1\r\n', '\n\n1']) {
    peer.send(line);
    await peer.expect('a.txt (3 bytes)');
  }

  for (const answer of ['a.txt', 'a.txt\n', 'a.txt\r\n']) {
    await peer.answer('2', prompt, answer);
    await peer.expect('3abc');
  }

  peer.send('11');
  await peer.expect('a.txt (3 bytes)a.txt (3 bytes)');
  peer.send('2\na.txt\n');
  await peer.expect(`${prompt}3abc`);
  // A single line end does not belong to the name, but two do.
  await peer.answer('2', prompt, 'a.txt\n\n');
  await peer.expect('0');
});

test('a client that has ended its side gets all of its answers', async () => {
  await using folder = await ServedFolder.start({'a.txt': 'abc'}, {classic: {pauseMs: 20}});
  using peer = await ClassicPeer.of(folder);
  peer.socket.end('112\na.txt\n');
  const said = await peer.untilEnd();
  assert.equal(said.toString(), `${'a.txt (3 bytes)'.repeat(2)}${prompt}3abc`);
  await until(() => folder.ended === 1, 'the connection ends');
});

test('an unknown command, and an answer that is too long, end the connection without a message', async () => {
  await using folder = await ServedFolder.start({a: 'x'}, {classic});
  for (const bytes of ['7', '0', '1x', '16', Buffer.from([0x31, 0, 255])]) {
    using peer = await ClassicPeer.of(folder);
    peer.send(bytes);
    const said = (await peer.untilEnd()).toString();
    assert.equal(said, bytes[0] === '1' || bytes[0] === 0x31 ? 'a (1 bytes)' : '');
  }

  using peer = await ClassicPeer.of(folder);
  await peer.answer('2', prompt, 'x'.repeat(5000));
  assert.equal((await peer.untilEnd()).length, 0);
  assert.ok(folder.logs.some(line => line.includes('too_large')));
});

test('a name of any bytes gets an answer, and so does the next command', async () => {
  await using folder = await ServedFolder.start({a: 'x'}, {classic});
  using peer = await ClassicPeer.of(folder);
  const names = [
    Buffer.from([0xff, 0x00, 0xfe]),
    patternedBytes(4096),
    Buffer.from('x'.repeat(4137)),
    Buffer.from('a/'.repeat(2000)),
    Buffer.from('\n'),
  ];
  for (const name of names) {
    await peer.answer('2', prompt, name);
    await peer.expect('0');
  }

  peer.send('1');
  await peer.expect('a (1 bytes)');
});

test('millions of commands at once are answered one by one, and are not read before their turn', async () => {
  await using folder = await ServedFolder.start({a: 'x'}, {classic});
  using peer = await ClassicPeer.of(folder);
  for (let round = 0; round < 20; round++) {
    peer.send(Buffer.alloc(1_000_000, '1'));
  }

  await peer.expect('a (1 bytes)'.repeat(1000));
  assert.ok(peer.socket.writableLength > 2_000_000, 'most commands are still with the client');
  const other = await folder.peer();
  for (let round = 0; round < 20; round++) {
    assert.equal((await other.ask(kinds.ping, {})).at(-1)?.kind, kinds.pong);
  }
});

test('a client that stops reading is closed, and memory stays flat until then', async () => {
  const options = {classic, deadlines: {stallMs: 200}};
  await using folder = await ServedFolder.start({old: patternedBytes(64 * 1_048_576)}, options);
  using peer = await ClassicPeer.of(folder);
  peer.send('2');
  await peer.expect(prompt);
  const before = process.memoryUsage().arrayBuffers;
  peer.socket.pause();
  peer.send('old');
  await until(() => folder.ended === 1, 'the connection ends');
  assert.ok(process.memoryUsage().arrayBuffers - before < 32 * 1_048_576);
});

test('a client that is silent at a prompt is closed, without a frame of the protocol', async () => {
  await using folder = await ServedFolder.start({}, {classic, deadlines: {idleMs: 100}});
  using peer = await ClassicPeer.of(folder);
  peer.send('2');
  await peer.expect(prompt);
  assert.equal((await peer.untilEnd()).length, 0);
});

test('a connection that waits at a prompt gives its place to a newcomer', async () => {
  const options = {classic, maxConnections: 1, deadlines: {giveWayMs: 50}};
  await using folder = await ServedFolder.start({}, options);
  using old = await ClassicPeer.of(folder);
  old.send('2');
  await old.expect(prompt);
  const peer = await folder.peer();
  assert.equal((await peer.ask(kinds.ping, {})).at(-1)?.kind, kinds.pong);
  assert.equal((await old.untilEnd()).length, 0);
});

test('a server that stops finishes the command under way', async () => {
  const bytes = patternedBytes(32 * 1_048_576);
  await using folder = await ServedFolder.start({old: bytes}, {classic});
  using peer = await ClassicPeer.of(folder);
  await peer.answer('2', prompt, 'old');
  await peer.expect(String(bytes.length));
  await peer.take(1);
  const closed = folder.server.close({graceMs: 60_000});
  assert.deepEqual(await peer.untilEnd(), bytes.subarray(1));
  await closed;
});

test('the deadline of the preface also holds for the first digit', async () => {
  await using folder = await ServedFolder.start({}, {classic, deadlines: {prefaceMs: 100}});
  const peer = await folder.silentPeer();
  const frame = await peer.frame();
  assert.ok(frame !== undefined);
  assert.equal(json(frame).code, 'timed_out');
});

test('an answer of the longest length is taken with its line end, and one byte more is not', async () => {
  const counts = noCounts();
  await using folder = await ServedFolder.start({}, {classic, counts});
  for (const [answer, isTaken] of [
    [`${'x'.repeat(4137)}\r\n`, true],
    ['x'.repeat(4140), false],
  ] as const) {
    using peer = await ClassicPeer.of(folder);
    await peer.answer('2', prompt, answer);
    peer.socket.end();
    assert.equal(String(await peer.untilEnd()), isTaken ? '0' : '');
  }

  await until(() => folder.ended === 2, 'both have ended');
  const {ok, too_large: tooLarge} = counts.requests.classic.outcomes;
  // A digit is a request, and so is the answer to its prompt.
  assert.deepEqual([ok, tooLarge], [3, 1]);
});

test('several processes answer the classic dialogue, too', {timeout: 60_000}, async () => {
  await using folder = await ServedFolder.start({a: 'x'}, {classic, processes: 2});
  for (const _ of ['first', 'second']) {
    using peer = await ClassicPeer.of(folder);
    peer.send('1');
    await peer.expect('a (1 bytes)');
  }
});
