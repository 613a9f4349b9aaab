import assert from 'node:assert/strict';
import {suite, type TestContext, test} from 'node:test';
import type {Address} from '../../../../protocol/address.ts';
import {frameKinds} from '../../../../protocol/frame.ts';
import {encodeAnswer} from '../../../../protocol/messages.ts';
import {rootPath} from '../../../../protocol/remote-path.ts';
import {startServer} from '../../../../server/server.ts';
import {Client} from '../../../../source/client/client.ts';
import {Queue} from '../../../../source/transfers/queue/queue.ts';
import {App} from '../../../../source/tui/model/app.ts';
import {freePort} from '../../../fixtures/free-port.ts';
import {startHarness, temporaryFolder, until} from '../../../fixtures/harness.ts';
import {startHostileServer} from '../../../fixtures/server/hostile-server.ts';

/** The interface as the full screen starts it, for a server that may come and go. */
function openApp(t: TestContext, address: Address): App {
  return openAppOf(t, clientOf(address));
}

function clientOf(address: Address): Client {
  const retries = Number.POSITIVE_INFINITY;
  return new Client(address, {retries, retryFirst: true, keepConnected: true});
}

function openAppOf(t: TestContext, client: Client): App {
  const queue = new Queue({client});
  const size = {columns: 120, rows: 40};
  const app = new App({
    client,
    queue,
    folder: temporaryFolder(t),
    startPath: rootPath,
    size,
    suspend: async () => false,
  });
  t.after(async () => {
    app.close();
    await queue[Symbol.asyncDispose]();
    await client[Symbol.asyncDispose]();
  });
  return app;
}

suite('a link that is lost without running work', () => {
  test('shows a countdown to the next attempt, and is normal when it is back', async t => {
    const {root, serve, server} = await startHarness(t, {server: {port: await freePort()}});
    serve('a', '');
    const app = openApp(t, {
      scheme: 'jangada',
      host: server.host,
      port: server.port,
      path: rootPath,
    });
    await until(() => app.view().files.total === 1);
    const seen = new Set<number>();
    app.repainter.subscribe(() => seen.add(app.view().retryInSeconds));
    await server.close({graceMs: 0});
    await until(() => [2, 1, 0].every(seconds => seen.has(seconds)));
    const {link} = app.view();
    assert.ok(link.name === 'waiting');
    assert.equal(link.brief, 'nothing listens there');
    const next = await startServer({root, port: server.port});
    t.after(() => next.close({graceMs: 0}));
    await until(() => app.view().link.name === 'connected');
    assert.equal(app.view().retryInSeconds, 0);
    assert.deepEqual([app.view().files.total, app.view().files.error], [1, undefined]);
  });

  test('a folder that was not read to its end is read again when the link is back', async t => {
    let lists = 0;
    const names = ['a', 'b'].map(name => ({name, type: 'file' as const, size: 0, mtimeMs: 0}));
    const address = await startHostileServer(t, (socket, {kind}) => {
      if (kind === frameKinds.ping) {
        socket.write(encodeAnswer('pong', {}));
        return;
      }

      lists++;
      const entries = names.slice(0, lists);
      socket.write(encodeAnswer('entries', {entries}));
      if (lists === 1) {
        socket.end();
      } else {
        socket.write(encodeAnswer('end', {count: entries.length}));
      }
    });
    const app = openApp(t, address);
    await until(() => app.view().files.isOffline);
    assert.equal(app.view().files.total, 1);
    assert.equal(app.view().files.error, undefined, 'it goes on by itself');
    await until(() => app.view().files.total === 2);
    assert.equal(app.view().files.error, undefined);
    assert.equal(lists, 2);
  });

  test('a folder whose connection is lost while another one works is read again at once', async t => {
    let lists = 0;
    const names = ['a', 'b'].map(name => ({name, type: 'file' as const, size: 0, mtimeMs: 0}));
    const address = await startHostileServer(t, (socket, {kind}) => {
      if (kind === frameKinds.ping) {
        socket.write(encodeAnswer('pong', {}));
        return;
      }

      lists++;
      const entries = names.slice(0, lists);
      socket.write(encodeAnswer('entries', {entries}));
      if (lists === 1) {
        socket.end();
      } else {
        socket.write(encodeAnswer('end', {count: entries.length}));
      }
    });
    const client = clientOf(address);
    const done = Promise.withResolvers<void>();
    const lent = Promise.withResolvers<void>();
    const other = client.withConnection(async () => {
      lent.resolve();
      await done.promise;
    });
    await lent.promise;
    const states = new Set<string>();
    client.onLink(({name}) => states.add(name));
    const app = openAppOf(t, client);
    // Within the time after which an unused connection closes.
    await until(() => app.view().files.total === 2, 30_000);
    assert.equal(app.view().files.error, undefined);
    assert.deepEqual([lists, [...states], client.link.name], [2, [], 'connected']);
    done.resolve();
    await other;
  });
});
