/** The bytes of a client's session, sent again by a listener. */
import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import {once} from 'node:events';
import {type AddressInfo, connect, createServer} from 'node:net';
import {suite, type TestContext, test} from 'node:test';
import {connect as connectTls} from 'node:tls';
import {parseAddress} from '../../../protocol/address.ts';
import {Client} from '../../../source/client/client.ts';
import {goodToken, testDoor} from '../../fixtures/door.ts';
import {path, startHarness, until} from '../../fixtures/harness.ts';
import {json, kinds, RawPeer} from '../../fixtures/server/server-raw-peer.ts';

const name = 'a-file-that-is-secret';

suite('a session that is replayed to the server', () => {
  test('over plain TCP has a wrong proof: none of its requests is answered', async t => {
    const {heard, server} = await recordedSession(t, false);
    assert.ok(heard.includes(name), 'the request is in it');
    using peer = await RawPeer.silent(server);
    peer.send(heard);
    const hello = await peer.frame();
    assert.equal(hello?.kind, kinds.hello);
    const answer = await peer.frame();
    assert.equal(answer?.kind, kinds.error);
    // The replay sends the requests right after the login, which no client does.
    assert.match(String(answer && json(answer).code), /^(?:unauthorized|bad_request)$/);
    await peer.end();
    assert.equal(await peer.frame(), undefined);
  });

  test('over plain TCP, up to the login, and piece by piece, is unauthorized', async t => {
    const {pieces, server} = await recordedSession(t, false);
    using peer = await RawPeer.silent(server);
    const [preface = Buffer.alloc(0), login = Buffer.alloc(0)] = pieces;
    peer.send(preface);
    assert.equal((await peer.frame())?.kind, kinds.hello);
    peer.send(login);
    assert.equal(await peer.errorCode(), 'unauthorized');
    await peer.end();
  });

  test('over TLS gets no greeting and no complete handshake', async t => {
    const {heard, server} = await recordedSession(t, true);
    assert.ok(!heard.includes(name));
    using peer = await RawPeer.silent(server);
    let answered = Buffer.alloc(0);
    peer.socket.on('data', bytes => {
      answered = Buffer.concat([answered, bytes]);
    });
    peer.send(heard);
    await peer.end();
    // The server may send its part of the handshake, encrypted with keys that the listener does not have, but no more.
    assert.ok(answered.length < 2000, `${answered.length} bytes`);
    assert.ok(!answered.includes('jangada'));
  });

  test('over TLS needs a new proof: resuming with a ticket of an earlier session does not replace it', async t => {
    const {server} = await recordedSession(t, true);
    const first = connectTls({host: '127.0.0.1', port: server.port, rejectUnauthorized: false});
    const [ticket] = await once(first, 'session');
    first.destroy();
    const second = connectTls({
      host: '127.0.0.1',
      port: server.port,
      rejectUnauthorized: false,
      session: ticket,
    });
    t.after(() => second.destroy());
    await once(second, 'secureConnect');
    second.write('jangada/1\r\n');
    const [hello] = await once(second, 'data');
    assert.match(hello.toString('latin1'), /"token":true/);
    second.write(Buffer.from([0, 0, 0, 11, kinds.stat, 0, 0, 0]));
    second.write('{"path":""}');
    const [answer] = await once(second, 'data');
    assert.match(answer.toString('latin1'), /"code":"unauthorized"/);
  });
});

/** Record the bytes that a client sends while it asks for the state of a file. */
async function recordedSession(t: TestContext, tls: boolean) {
  const {serve, server} = await startHarness(t, {server: {door: testDoor(t, {tls})}});
  serve(name, 'content');
  const pieces: Buffer[] = [];
  const relay = createServer(client => {
    const upstream = connect(server.port, '127.0.0.1');
    upstream.on('error', () => {});
    client.on('error', () => {});
    client.on('data', bytes => pieces.push(bytes));
    client.pipe(upstream).pipe(client);
  });
  relay.listen(0, '127.0.0.1');
  await once(relay, 'listening');
  t.after(() => relay.close());
  // The address of a listener on a TCP port has this type.
  const {port} = relay.address() as AddressInfo;
  const address = {...parseAddress(server.address), port, token: goodToken};
  {
    await using client = new Client(address);
    assert.equal((await client.stat(path(name))).type, 'file');
  }

  await until(() => pieces.length > 0);
  return {server, pieces, heard: Buffer.concat(pieces)};
}
