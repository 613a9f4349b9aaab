/** Limits, turns and counts of wrong proofs that hold over all processes of a server. */
import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import {randomBytes} from 'node:crypto';
import {truncateSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {suite, test} from 'node:test';
import {proofOf} from '../../../protocol/login.ts';
import {temporaryFolder} from '../../fixtures/harness.ts';
import {patternedBytes, ServedFolder, until} from '../../fixtures/server/server-folder.ts';
import {ServerProcesses} from '../../fixtures/server/server-processes.ts';
import {json, kinds, type RawPeer} from '../../fixtures/server/server-raw-peer.ts';

const mebibyte = 1_048_576;
/** The limit for a test that hangs, for all tests here. */
const timeout = 600_000;
const login = 0x08;
const welcome = 0x49;

suite('over all processes', {timeout}, () => {
  test('there are at most --max-connections connections', async () => {
    const options = {processes: 2, maxConnections: 3, deadlines: {giveWayMs: 3_600_000}};
    const content = {old: patternedBytes(32 * mebibyte)};
    await using folder = await ServedFolder.start(content, options);
    const peers = await Promise.all(Array.from({length: 3}, () => folder.peer()));
    // All of them have work, so none of them gives way.
    for (const peer of peers) {
      peer.request(kinds.get, {path: 'old'});
      await peer.pauseAfter(mebibyte);
    }

    for (let round = 0; round < 4; round++) {
      const refused = await folder.knockingPeer();
      assert.equal(await refused.errorCode(), 'busy', `round ${round}`);
    }

    peers[0]?.socket.destroy();
    let answer: number | undefined;
    // The server learns a moment later that a place is free.
    while (answer !== kinds.hello) {
      const next = await folder.silentPeer();
      next.send('jangada/1\r\n');
      answer = (await next.frame())?.kind;
    }
  });

  test('the rate limit is the same whether two processes send or one', async () => {
    const limit = 4 * mebibyte;
    const content = {old: patternedBytes(8 * mebibyte), older: patternedBytes(16 * mebibyte)};
    await using folder = await ServedFolder.start(content, {processes: 2, limit});
    const fetched = async (path: string, ...peers: RawPeer[]) => {
      const start = performance.now();
      await Promise.all(peers.map(peer => peer.ask(kinds.get, {path})));
      return (performance.now() - start) / 1000;
    };
    const [first, second] = [await folder.peer(), await folder.peer()];
    // 16 MiB, which take 4 s. If each process had the whole rate, both would take 2 s.
    const both = await fetched('old', first, second);
    assert.ok(both > 3, `both took ${both} s`);
    // With half of the rate this would take 8 s. On a busy machine it may take longer, but not each time.
    const alone: number[] = [];
    do {
      alone.push(await fetched('older', first));
    } while (alone.length < 3 && Math.min(...alone) >= 7.5);

    assert.ok(alone.every(seconds => seconds > 3) && Math.min(...alone) < 7.5, `alone: ${alone} s`);
  });

  test('an address has two hashes computed at once, however many connections it has', async () => {
    await using folder = await ServedFolder.start(
      {},
      {processes: 2, workers: 8, deadlines: {progressMs: 20}},
    );
    const peers = await Promise.all(Array.from({length: 6}, () => folder.peer()));
    const done = peers.map(() => 0);
    let isOver = false;
    const begun = () => done.filter(bytes => bytes > 0).length;
    for (const [index, peer] of peers.entries()) {
      const name = `sparse${index}`;
      folder.write({[name]: ''});
      truncateSync(join(folder.path, name), 1024 * mebibyte);
      peer.request(kinds.hash, {path: name, algorithm: 'sha256'});
    }

    const follow = async (index: number, peer: RawPeer) => {
      while (!isOver) {
        const frame = await peer.frame();
        isOver ||= frame?.kind !== kinds.progress;
        if (!isOver && frame !== undefined) {
          done[index] = Number(json(frame).done);
        }
      }
    };
    const first = Promise.race(peers.map((peer, index) => follow(index, peer)));
    await first;
    assert.ok(begun() >= 1 && begun() <= 2, `${begun()} had begun when the first was done`);
  });

  test('wrong tokens from an address are counted, and a right one does not end the count', async t => {
    const tokens = join(temporaryFolder(t), 'tokens');
    writeFileSync(tokens, 'a-token-that-is-good\n', {mode: 0o600});
    const server = await ServerProcesses.start(t, {}, '--token-file', tokens);
    const prove = async (token?: string) => {
      const peer = await server.silentPeer();
      peer.send('jangada/1\r\n');
      const hello = json((await peer.frame()) ?? assert.fail());
      const terms = {
        exporter: Buffer.alloc(0),
        serverNonce: Buffer.from(String(hello.nonce), 'base64'),
        clientNonce: randomBytes(32),
      };
      const proof = token === undefined ? randomBytes(32) : proofOf('client', token, terms);
      const base64 = (bytes: Buffer) => bytes.toString('base64');
      peer.request(login, {nonce: base64(terms.clientNonce), proof: base64(proof)});
      return peer;
    };
    for (let guess = 0; guess < 3; guess++) {
      const peer = await prove();
      assert.equal(await peer.errorCode(), 'unauthorized');
      // The peer stays connected, so that the next one gets the other process.
    }

    const right = await prove('a-token-that-is-good');
    assert.equal((await right.frame())?.kind, welcome);
    const wrong = await prove();
    assert.equal(await wrong.errorCode(), 'unauthorized');
    const told = server.told(/^wrong token$/);
    assert.deepEqual(
      told.map(({count, delayMs}) => [count, delayMs]),
      [
        [1, 250],
        [2, 500],
        [3, 1000],
        [4, 2000],
      ],
    );
    assert.equal(new Set(told.slice(0, 3).map(line => line.process)).size, 2, 'both were tried');
  });

  test('limits of an address are those of the client that a balancer names', async t => {
    const server = await ServerProcesses.start(
      t,
      {old: patternedBytes(32 * mebibyte)},
      ...['--trust-proxy', '127.0.0.1', '--max-connections-per-address', '2'],
      ...['--insecure', '--no-token'],
    );
    const from = async (client: string) => {
      const peer = await server.silentPeer();
      peer.send(`PROXY TCP4 ${client} 127.0.0.1 4711 1234\r\njangada/1\r\n`);
      return peer;
    };
    for (const peer of [await from('10.0.0.1'), await from('10.0.0.1'), await from('10.0.0.2')]) {
      assert.equal((await peer.frame())?.kind, kinds.hello);
      peer.request(kinds.get, {path: 'old'});
      await peer.pauseAfter(mebibyte);
    }

    const [third, other] = [await from('10.0.0.1'), await from('10.0.0.2')];
    const refused = (await third.frame()) ?? assert.fail();
    assert.match(String(json(refused).message), /Your address has 2 connections/);
    assert.equal((await other.frame())?.kind, kinds.hello);
    await until(() => server.told(/refused/).length > 0, 'the log counts it');
  });
});
