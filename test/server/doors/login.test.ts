/** The proof before the first request, sent by raw sockets without TLS. Without TLS the keying material is empty. */
import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import {createHmac} from 'node:crypto';
import {mkdirSync, renameSync, symlinkSync, truncateSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import process from 'node:process';
import {suite, type TestContext, test} from 'node:test';
import {type Logger, pino} from 'pino';
import {WrongProofs} from '../../../server/doors/wrong-proofs.ts';
import {goodToken, testDoor} from '../../fixtures/door.ts';
import {startHarness} from '../../fixtures/harness.ts';
import {openUnder, until} from '../../fixtures/server/server-folder.ts';
import {entriesIn, json, kinds, RawPeer, rawFrame} from '../../fixtures/server/server-raw-peer.ts';

const login = 0x08;
const welcome = 0x49;

suite('a login', () => {
  test('with the proof of the token gets the proof of the server', async t => {
    const {greeted} = await startDoor(t);
    const {peer, nonce} = await greeted();
    const own = Buffer.alloc(32, 7);
    peer.request(login, {
      nonce: own.toString('base64'),
      proof: proof('client', goodToken, nonce, own),
    });
    const frame = await peer.frame();
    assert.equal(frame?.kind, welcome);
    assert.equal(json(frame).proof, proof('server', goodToken, nonce, own));
    assert.equal((await peer.ask(kinds.stat, {path: ''})).at(-1)?.kind, kinds.entry);
  });

  test('with a wrong proof ends the connection with unauthorized, and the next one waits, even a right one', {
    timeout: 60_000,
  }, async t => {
    const {door, greeted} = await startDoor(t, [goodToken], {prefaceMs: 3_600_000});
    const {peer, nonce} = await greeted();
    const second = await greeted();
    const third = await greeted();
    const own = Buffer.alloc(32, 7);
    const fourth = await greeted();
    let waitMs = 0;
    const waits = t.mock.method(WrongProofs.prototype, 'waitMs', () => waitMs).mock;
    const matched = t.mock.method(door.tokens ?? assert.fail(), 'match').mock;
    const body = (token: string, theirs: Buffer) => ({
      nonce: own.toString('base64'),
      proof: proof('client', token, theirs, own),
    });
    peer.request(login, body('guess', nonce));
    assert.equal(await peer.errorCode(), 'unauthorized');
    await peer.end();
    waitMs = 3_600_000;
    second.peer.request(login, body(goodToken, second.nonce));
    third.peer.request(login, body(goodToken, third.nonce));
    await until(() => waits.callCount() === 3, 'the other logins have come');
    third.peer.send('x');
    assert.equal(await third.peer.errorCode(), 'bad_request');
    second.peer.socket.destroy();
    assert.equal(matched.callCount(), 1);
    waitMs = 1;
    fourth.peer.request(login, body(goodToken, fourth.nonce));
    assert.equal((await fourth.peer.frame())?.kind, welcome);
    assert.equal(matched.callCount(), 2);
  });

  test("with another connection's proof is refused: a listener cannot use a proof that it has heard", async t => {
    const {greeted} = await startDoor(t);
    const first = await greeted();
    const own = Buffer.alloc(32, 7);
    const heard = {
      nonce: own.toString('base64'),
      proof: proof('client', goodToken, first.nonce, own),
    };
    const second = await greeted();
    second.peer.request(login, heard);
    assert.equal(await second.peer.errorCode(), 'unauthorized');
    first.peer.request(login, heard);
    assert.equal((await first.peer.frame())?.kind, welcome);
  });

  for (const [what, bytes, code] of [
    ['a request', rawFrame(kinds.stat, '{"path":""}'), 'unauthorized'],
    ['a login of a megabyte', rawFrame(login, 'x'.repeat(1_000_000)), 'bad_request'],
    ['a login that is no JSON', rawFrame(login, '{'), 'bad_request'],
    [
      'a login with a short proof',
      rawFrame(login, '{"nonce":"AA==","proof":"AA=="}'),
      'bad_request',
    ],
  ] as const) {
    test(`that is replaced by ${what} ends the connection with ${code}`, async t => {
      const {greeted} = await startDoor(t);
      const {peer} = await greeted();
      peer.send(bytes);
      assert.equal(await peer.errorCode(), code);
      await peer.end();
    });
  }

  test('with a request right after it, which no client sends, ends the connection', async t => {
    const {greeted} = await startDoor(t);
    const {peer, nonce} = await greeted();
    const own = Buffer.alloc(32, 7);
    const body = {nonce: own.toString('base64'), proof: proof('client', goodToken, nonce, own)};
    peer.send(
      Buffer.concat([rawFrame(login, JSON.stringify(body)), rawFrame(kinds.stat, '{"path":""}')]),
    );
    assert.equal(await peer.errorCode(), 'bad_request');
    await peer.end();
  });

  test('that does not arrive in time ends the connection', async t => {
    const {greeted} = await startDoor(t, [goodToken], {prefaceMs: 100});
    const {peer} = await greeted();
    assert.equal(await peer.errorCode(), 'timed_out');
    await peer.end();
  });

  test('keeps its place, while clients without a login give way to each other', async t => {
    const limits = {giveWayMs: 50, lingerMs: 50};
    const {greeted, loggedIn} = await startDoor(t, [goodToken], limits, {maxConnections: 2});
    const good = await loggedIn(goodToken);
    for (let count = 0; count < 5; count++) {
      const {peer} = await greeted();
      const next = greeted();
      assert.equal(await peer.errorCode(), 'timed_out');
      (await next).peer.socket.destroy();
    }

    assert.equal((await good.ask(kinds.stat, {path: ''})).at(-1)?.kind, kinds.entry);
  });

  test('of a token with a folder sees only that folder, and no link leads out of it', async t => {
    const {harness, loggedIn} = await startDoor(t, ['kid=toy folder=open']);
    mkdirSync(join(harness.root, 'open'));
    writeFileSync(join(harness.root, 'open', 'a'), 'a');
    writeFileSync(join(harness.root, 'closed'), 'secret');
    symlinkSync(join(harness.root, 'closed'), join(harness.root, 'open', 'link'));
    const peer = await loggedIn('toy');
    assert.deepEqual(
      entriesIn(await peer.ask(kinds.list, {path: ''})).map(({name}) => name),
      ['a'],
    );
    peer.request(kinds.stat, {path: 'link'});
    assert.equal(await peer.errorCode(), 'not_found');
    peer.request(kinds.stat, {path: '../closed'});
    assert.equal(await peer.errorCode(), 'bad_request');
  });

  for (const [what, folder] of [
    ['does not exist', 'gone'],
    ['is a link that leads out', 'out'],
  ] as const) {
    test(`of a token whose folder ${what} gets an error, and ends`, async t => {
      const {harness, greeted} = await startDoor(t, [`kid=toy folder=${folder}`]);
      symlinkSync('/', join(harness.root, 'out'));
      const {peer, nonce} = await greeted();
      const own = Buffer.alloc(32, 7);
      peer.request(login, {
        nonce: own.toString('base64'),
        proof: proof('client', 'toy', nonce, own),
      });
      assert.equal(await peer.errorCode(), 'not_found');
      await peer.end();
    });
  }

  test('is refused after the token has expired', async t => {
    const {loggedIn} = await startDoor(t, [
      `late=toy expires=${new Date(Date.now() - 1000).toISOString()}`,
      'x=y',
    ]);
    await assert.rejects(loggedIn('toy'), /unauthorized/);
    await loggedIn('y');
  });

  test('can be removed while the server runs: its connections end, others stay', async t => {
    const {door, loggedIn} = await startDoor(t, ['one=1st', 'two=2nd']);
    const first = await loggedIn('1st');
    const second = await loggedIn('2nd');
    door.setTokens('two=2nd', 'three=3rd');
    assert.equal(await first.errorCode(), 'unauthorized');
    await assert.rejects(loggedIn('1st'), /unauthorized/);
    await loggedIn('3rd');
    assert.equal((await second.ask(kinds.stat, {path: ''})).at(-1)?.kind, kinds.entry);
  });

  test('whose token is removed gets nothing more of what its connection has asked for', async t => {
    const lines: string[] = [];
    const logger = pino({level: 'info'}, {write: line => lines.push(line)});
    using timers = t.mock.timers;
    timers.enable({apis: ['setInterval']});
    const {door, harness, loggedIn} = await startDoor(t, ['one=1st', 'two=2nd'], {}, {logger});
    // Larger than all buffers between the server and the client.
    const size = 256 * 1_048_576;
    writeFileSync(join(harness.root, 'large'), '');
    truncateSync(join(harness.root, 'large'), size);
    const peer = await loggedIn('1st');
    peer.request(kinds.get, {path: 'large'});
    peer.request(kinds.get, {path: 'large'});
    peer.request(kinds.stat, {path: ''});
    assert.equal((await peer.frame())?.kind, kinds.file);
    await peer.pauseAfter(1_048_576);
    door.setTokens('two=2nd');
    timers.tick(2000);
    timers.tick(2000);
    peer.socket.resume();
    const answer = await peer.answer();
    assert.equal(json(answer.at(-1) ?? assert.fail()).code, 'unauthorized');
    assert.ok(peer.received < size / 2, `${peer.received} bytes`);
    await peer.end();
    assert.equal(lines.filter(line => line.includes('no longer valid')).length, 1);
  });

  test('of a token whose folder is replaced keeps that folder open until its connection has ended', {
    skip: process.platform === 'linux' ? false : 'only Linux shows the descriptors',
  }, async t => {
    const {harness, loggedIn} = await startDoor(t, ['kid=toy folder=open']);
    const {root} = harness;
    const replace = (name: string) => {
      renameSync(join(root, 'open'), join(root, name));
      mkdirSync(join(root, 'open'));
    };
    mkdirSync(join(root, 'open'));
    writeFileSync(join(root, 'open', 'large'), '');
    truncateSync(join(root, 'open', 'large'), 256 * 1_048_576);
    const first = await loggedIn('toy');
    first.request(kinds.get, {path: 'large'});
    await first.pauseAfter(1_048_576);
    replace('old');
    const second = await loggedIn('toy');
    assert.equal(openUnder(root), 3, 'both folders, and the file');
    first.socket.destroy();
    await until(() => openUnder(root) === 1, 'an answer that was broken off leaves its folder');
    assert.equal((await second.ask(kinds.stat, {path: ''})).at(-1)?.kind, kinds.entry);
    replace('older');
    await loggedIn('toy');
    assert.equal(openUnder(root), 2);
    second.socket.destroy();
    await until(() => openUnder(root) === 1, 'a connection without a request leaves its folder');
  });

  test('is refused while others can read the file of the tokens', async t => {
    const {door, loggedIn} = await startDoor(t, ['one=1st']);
    await loggedIn('1st');
    door.setTokens('one=1st');
    door.open();
    await assert.rejects(loggedIn('1st'), /unauthorized/);
  });
});

async function startDoor(
  t: TestContext,
  tokens: string[] = [goodToken],
  deadlines: {prefaceMs?: number; giveWayMs?: number; lingerMs?: number} = {},
  limits: {maxConnections?: number; logger?: Logger} = {},
) {
  const door = testDoor(t, {tls: false, tokens});
  const harness = await startHarness(t, {server: {door, deadlines, ...limits}});
  const peers: RawPeer[] = [];
  t.after(() => {
    for (const peer of peers) {
      peer[Symbol.dispose]();
    }
  });
  const greeted = async () => {
    const peer = await RawPeer.silent(harness.server);
    peers.push(peer);
    peer.send('jangada/1\r\n');
    const hello = await peer.frame();
    assert.equal(hello?.kind, kinds.hello);
    const {nonce, token} = json(hello);
    assert.equal(token, true);
    return {peer, nonce: Buffer.from(String(nonce), 'base64')};
  };
  const loggedIn = async (token: string) => {
    const {peer, nonce} = await greeted();
    const own = Buffer.alloc(32, 7);
    peer.request(login, {nonce: own.toString('base64'), proof: proof('client', token, nonce, own)});
    const frame = await peer.frame();
    if (frame?.kind !== welcome) {
      throw new Error(String(frame?.payload));
    }

    return peer;
  };
  await until(() => harness.server.port > 0, 'it listens');
  return {door, harness, greeted, loggedIn};
}

/** Written from docs/protocol.md, without the code under test. */
function proof(side: 'client' | 'server', token: string, theirs: Buffer, ours: Buffer): string {
  return createHmac('sha256', token)
    .update(Buffer.concat([Buffer.from(`jangada ${side}`), theirs, ours]))
    .digest('base64');
}
