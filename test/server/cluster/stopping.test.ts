/** The end of a server of several processes. */
import assert from 'node:assert/strict';
import {once} from 'node:events';
import process from 'node:process';
import {suite, test} from 'node:test';
import {patternedBytes, until} from '../../fixtures/server/server-folder.ts';
import {isAlive, ServerProcesses} from '../../fixtures/server/server-processes.ts';
import {kinds} from '../../fixtures/server/server-raw-peer.ts';

const mebibyte = 1_048_576;
/** The limit for a test that hangs, for all tests here. */
const timeout = 600_000;

suite('several processes', {timeout, skip: process.platform === 'win32'}, () => {
  test('end with the process that has the port: at once if it is killed', async t => {
    const server = await ServerProcesses.start(t, {old: patternedBytes(32 * mebibyte)});
    const {pids} = server;
    assert.equal(pids.filter(isAlive).length, 2);
    for (const peer of [await server.peer(), await server.peer()]) {
      peer.request(kinds.get, {path: 'old'});
      await peer.pauseAfter(mebibyte);
    }

    server.child.kill('SIGKILL');
    await until(() => !pids.some(isAlive), 'they have ended');
  });

  test('finish their answers when the server stops, and end as a single process does', async t => {
    const bytes = patternedBytes(32 * mebibyte);
    // A busy machine needs more than the usual grace time.
    const server = await ServerProcesses.start(t, {old: bytes}, '--grace', '60');
    const peers = [await server.peer(), await server.peer(), await server.peer()];
    const idle = peers.pop();
    for (const peer of peers) {
      peer.request(kinds.get, {path: 'old'});
      await peer.pauseAfter(mebibyte);
    }

    const {pids} = server;
    // A terminal signals the whole process group, and so does a service manager.
    for (const pid of [...pids, server.child.pid ?? 0]) {
      process.kill(pid, 'SIGTERM');
    }

    await idle?.end();
    assert.ok(peers.every(({received}) => received < bytes.length));
    for (const peer of peers) {
      peer.socket.resume();
      assert.equal((await peer.answer()).at(-1)?.kind, kinds.end);
    }

    await server.ended();
    assert.equal(server.status, 0);
    assert.equal(server.lines.at(-1)?.msg, 'stopped');
    assert.deepEqual(pids.filter(isAlive), []);
  });

  test('tell balancers for the time of --drain that the server stops, and continue to serve', async t => {
    // Longer than the test, which kills the server.
    const server = await ServerProcesses.start(t, {a: 'x'}, '--drain', '600');
    // Each of the two is with another process.
    const balancers = [await server.silentPeer(), await server.silentPeer()];
    const client = await server.peer();
    server.child.kill('SIGTERM');
    await until(() => server.told(/^stopping soon/).length === 1, 'it is about to stop');
    const answers = balancers.map(async ({socket}) => {
      socket.write('jangada/?\r\n');
      const [answer] = await once(socket, 'data');
      return String(answer);
    });
    assert.deepEqual(await Promise.all(answers), ['jangada/draining\r\n', 'jangada/draining\r\n']);
    assert.equal((await client.ask(kinds.stat, {path: 'a'})).at(-1)?.kind, kinds.entry);
    assert.deepEqual(server.told(/^stopping$/), []);
  });

  test('end by themselves when the time of --drain is over', async t => {
    const server = await ServerProcesses.start(t, {}, '--drain', '1');
    const {pids} = server;
    server.child.kill('SIGTERM');
    await server.ended();
    assert.equal(server.status, 0);
    assert.deepEqual(
      server.told(/^stop/).map(({msg}) => msg.split(':')[0]),
      ['stopping soon', 'stopping', 'stopped'],
    );
    assert.deepEqual(pids.filter(isAlive), []);
  });

  test('end at once at a second signal', async t => {
    const files = {old: patternedBytes(32 * mebibyte)};
    const server = await ServerProcesses.start(t, files, '--grace', '600');
    const peer = await server.peer();
    peer.request(kinds.get, {path: 'old'});
    await peer.pauseAfter(mebibyte);
    server.child.kill('SIGINT');
    await until(() => server.told(/^stopping$/).length === 1, 'it stops');
    server.child.kill('SIGINT');
    await server.ended();
    assert.equal(server.status, 130);
    await until(() => !server.pids.some(isAlive), 'they have ended');
  });
});
