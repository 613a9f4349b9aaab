/** The program with servers that are not the intended one: status 4, nothing written, nothing requested. */
import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import {once} from 'node:events';
import {existsSync} from 'node:fs';
import {type AddressInfo, connect, createServer, type Socket} from 'node:net';
import {join} from 'node:path';
import {suite, type TestContext, test} from 'node:test';
import {goodToken, testDoor} from '../../fixtures/door.ts';
import {startHarness, temporaryFolder} from '../../fixtures/harness.ts';
import {falseHello, startFalseServer} from '../../fixtures/server/false-server.ts';
import {rawFrame} from '../../fixtures/server/server-raw-peer.ts';
import {runProgram} from './run.ts';

const name = 'a-file-that-is-asked-for';
const wrongWelcome = rawFrame(0x49, JSON.stringify({proof: falseHello.nonce}));

type Wrong = {
  /** The address for the program. */
  address: string;
  message: RegExp;
  /** All bytes that the false server has received. */
  heard?: () => Buffer;
};

const wrongServers: Record<string, (t: TestContext) => Promise<Wrong>> = {
  'with another certificate than the one that is pinned': async t => {
    const {address, heard} = await startFalseServer(t, {answer: wrongWelcome});
    return {
      address: `jangadas://${goodToken}@127.0.0.1:${address.port}#sha256:${'ab'.repeat(32)}`,
      message: /shows the certificate sha256:[0-9a-f]{64}, but sha256:(?:ab){32} is expected/,
      heard,
    };
  },
  'with the right certificate, that does not know the token': async t => {
    const {address, fingerprint, heard} = await startFalseServer(t, {answer: wrongWelcome});
    return {
      address: `jangadas://${goodToken}@127.0.0.1:${address.port}#sha256:${fingerprint}`,
      message: /does not know the token/,
      heard,
    };
  },
  'with the token of another server': async t => {
    const {serve, server} = await startHarness(t, {
      server: {door: testDoor(t, {tokens: ['the-token-of-another']})},
    });
    serve(name, 'from another');
    return {
      address: `jangadas://${goodToken}@127.0.0.1:${server.port}`,
      message: /token is wrong/,
    };
  },
  'that asks for no token': async t => {
    const {address, heard} = await startFalseServer(t, {hello: {...falseHello, token: false}});
    return {
      address: `jangadas://${goodToken}@127.0.0.1:${address.port}`,
      message: /sha256:[0-9a-f]{64}/,
      heard,
    };
  },
  'in the middle, that hands on all bytes of the right one': async t => {
    const {serve, server} = await startHarness(t, {server: {door: testDoor(t)}});
    serve(name, 'from the right one');
    const {address} = await startFalseServer(t, {relayTo: server.port});
    return {
      address: `jangadas://${goodToken}@127.0.0.1:${address.port}`,
      message: /token is wrong/,
    };
  },
  'without TLS': async t => {
    const {serve, server} = await startHarness(t);
    serve(name, 'plain');
    return {
      address: `jangadas://${goodToken}@127.0.0.1:${server.port}`,
      message: /does not speak TLS/,
    };
  },
  'that offers TLS 1.2 alone': async t => {
    const {address, fingerprint, heard} = await startFalseServer(t, {tls: {maxVersion: 'TLSv1.2'}});
    return {
      address: `jangadas://${goodToken}@127.0.0.1:${address.port}#sha256:${fingerprint}`,
      message: /offers no TLS 1\.3/,
      heard,
    };
  },
  'that replays a session of the right one over TLS': async t => {
    const {address, answers} = await recordSession(t, true);
    const replay = await startReplay(t, answers);
    return {
      address: address.replace(/:\d+#/, `:${replay.port}#`),
      message: /No safe connection/,
      heard: replay.heard,
    };
  },
  'that replays a session of the right one over plain TCP': async t => {
    const {answers} = await recordSession(t, false);
    const replay = await startReplay(t, answers);
    return {
      address: `jangada://127.0.0.1:${replay.port}`,
      message: /does not know the token/,
      heard: replay.heard,
    };
  },
};

suite('a server', () => {
  for (const [what, start] of Object.entries(wrongServers)) {
    test(`${what} ends the program with status 4, and nothing is requested or written`, async t => {
      const {address, heard, message} = await start(t);
      const target = join(temporaryFolder(t), 'target');
      const run = await runProgram(['sget', name, '-o', target, '-s', address], ownPlace(t));
      assert.equal(run.status, 4, run.stderr);
      assert.match(run.stderr, message);
      assert.equal(existsSync(target), false);
      const bytes = heard?.() ?? Buffer.alloc(0);
      assert.equal(bytes.includes(name), false, 'the name is not asked for');
      assert.equal(bytes.includes(goodToken), false, 'the token is not sent');
    });
  }
});

/** All bytes that a server sends while the program fetches the file. */
async function recordSession(t: TestContext, tls: boolean) {
  const {serve, server} = await startHarness(t, {server: {door: testDoor(t, {tls})}});
  serve(name, 'from the right one');
  const answers: Buffer[] = [];
  const port = await listen(t, client => {
    const upstream = connect(server.port, '127.0.0.1');
    upstream.on('error', () => {});
    upstream.on('data', bytes => answers.push(bytes));
    client.pipe(upstream).pipe(client);
  });
  const target = temporaryFolder(t);
  const run = await runProgram(
    ['sget', name, '-o', target, '-s', server.address.replace(`:${server.port}`, `:${port}`)],
    ownPlace(t),
  );
  assert.equal(run.status, 0, run.stderr);
  assert.ok(existsSync(join(target, name)));
  return {address: server.address, answers: Buffer.concat(answers)};
}

/** A server that answers the first bytes with a recorded session of another server. */
async function startReplay(t: TestContext, answers: Buffer) {
  const heard: Buffer[] = [];
  const port = await listen(t, client => {
    client.once('data', () => client.write(answers));
    client.on('data', bytes => heard.push(bytes));
  });
  return {port, heard: () => Buffer.concat(heard)};
}

async function listen(t: TestContext, serve: (client: Socket) => void): Promise<number> {
  const server = createServer(client => {
    client.on('error', () => {});
    t.after(() => client.destroy());
    serve(client);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  // A listening TCP server always has this type of address.
  return (server.address() as AddressInfo).port;
}

/** Empty folders, so that nothing is remembered from earlier tests. The token is for plain TCP. */
function ownPlace(t: TestContext): NodeJS.ProcessEnv {
  const folder = temporaryFolder(t);
  return {JANGADA_STATE: folder, JANGADA_CONFIG: folder, JANGADA_TOKEN: goodToken};
}
