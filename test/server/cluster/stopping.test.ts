/** The end of a server of several processes. */
import assert from 'node:assert/strict';
import {once} from 'node:events';
import process from 'node:process';
import {suite, test} from 'node:test';
import {patternedBytes, until} from '../../fixtures/server/server-folder.ts';
import {isAlive, ServerProcesses} from '../../fixtures/server/server-processes.ts';
import {kinds} from '../../fixtures/server/server-raw-peer.ts';

const mebibyte = 1_048_576;
/** Of all tests here: one that hangs fails instead. */
const timeout = 600_000;

suite('several processes', {timeout, skip: process.platform === 'win32'}, () => {
  test('end with the one that has the port: at once, when that is killed', async t => {
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

  test('finish what they are answering when the server is stopped, and end as one process does', async t => {
    const bytes = patternedBytes(4 * mebibyte);
    const server = await ServerProcesses.start(t, {old: bytes}, '--limit', '2M');
    const peers = [await server.peer(), await server.peer(), await server.peer()];
    const idle = peers.pop();
    for (const peer of peers) {
      peer.request(kinds.get, {path: 'old'});
    }

    await until(() => peers.every(({received}) => received > 1000), 'both get something');
    const {pids} = server;
    // As a terminal does, which has them in one group, or a manager of services.
    for (const pid of [...pids, server.child.pid ?? 0]) {
      process.kill(pid, 'SIGTERM');
    }

    await idle?.end();
    assert.ok(peers.every(({received}) => received < bytes.length));
    for (const peer of peers) {
      assert.equal((await peer.answer()).at(-1)?.kind, kinds.end);
    }

    await server.ended();
    assert.equal(server.status, 0);
    assert.equal(server.lines.at(-1)?.msg, 'stopped');
    assert.deepEqual(pids.filter(isAlive), []);
  });

  test('all tell balancers for as long as --drain says that the server stops, and go on serving', async t => {
    const server = await ServerProcesses.start(t, {a: 'x'}, '--drain', '4');
    // One is with each process.
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
    await server.ended();
    assert.equal(server.status, 0);
  });

  test('end at once at a second signal', async t => {
    const server = await ServerProcesses.start(t, {old: patternedBytes(32 * mebibyte)});
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
