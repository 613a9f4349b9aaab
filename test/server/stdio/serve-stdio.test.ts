import assert from 'node:assert/strict';
import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdirSync, writeFileSync} from 'node:fs';
import {connect, createServer, type Socket} from 'node:net';
import {join} from 'node:path';
import process from 'node:process';
import type {Readable, Writable} from 'node:stream';
import {type TestContext, test} from 'node:test';
import {fileURLToPath} from 'node:url';
import {frameKinds, preface} from '../../../protocol/frame.ts';
import {encodeRequest} from '../../../protocol/messages.ts';
import {rootPath} from '../../../protocol/remote-path.ts';
import {temporaryFolder, until} from '../../fixtures/harness.ts';
import {withTypeScript} from '../../fixtures/with-typescript.ts';

const cli = fileURLToPath(new URL('../../../server/cli.ts', import.meta.url));
const timeout = 120_000;

/** @param ends a socket for standard input and output. Default: two pipes. */
function startServer(t: TestContext, words: readonly string[], ends?: Socket): ChildProcess {
  const own = [process.execPath, ...withTypeScript, cli, '--stdio', ...words];
  // Pipes made by Node are sockets, but those between two programs of a shell are real pipes.
  const piped = ['-c', 'set -o pipefail; cat | "$@" | cat', 'bash', ...own];
  const child =
    ends === undefined
      ? spawn('bash', piped, {stdio: 'pipe'})
      : spawn(own[0] ?? '', own.slice(1), {stdio: [ends, ends, 'pipe']});
  t.after(() => child.kill('SIGKILL'));
  return child;
}

function servedFolder(t: TestContext): string {
  const folder = join(temporaryFolder(t), 'served');
  mkdirSync(folder);
  writeFileSync(join(folder, 'a file'), 'a');
  return folder;
}

/** Request the list of the root, then ping. @returns the kinds of the frames of the answers. */
async function talk(input: Writable, output: Readable): Promise<number[]> {
  let bytes = Buffer.alloc(0);
  output.on('data', (more: Buffer) => {
    bytes = Buffer.concat([bytes, more]);
  });
  input.write(preface);
  input.write(encodeRequest('list', {path: rootPath}));
  input.write(encodeRequest('ping', {}));
  await until(() => kindsIn(bytes).includes(frameKinds.pong));
  assert.match(bytes.toString('latin1'), /"a file"/);
  return kindsIn(bytes);
}

function kindsIn(bytes: Buffer): number[] {
  const kinds: number[] = [];
  for (let at = 0; at + 8 <= bytes.length; at += 8 + bytes.readUInt32BE(at)) {
    kinds.push(bytes[at + 4] ?? 0);
  }

  return kinds;
}

const answers = [frameKinds.hello, frameKinds.entries, frameKinds.end, frameKinds.pong];

test('one client is served at two pipes, and the server ends with them', {timeout}, async t => {
  const child = startServer(t, ['--', servedFolder(t)]);
  const {stderr, stdin, stdout} = child;
  assert.ok(stdin !== null && stdout !== null && stderr !== null);
  let said = '';
  stderr.on('data', text => {
    said += text;
  });
  assert.deepEqual(await talk(stdin, stdout), answers);
  stdin.end();
  assert.deepEqual(await once(child, 'close'), [0, null]);
  assert.equal(said, '');
});

test('one client is served at a socket for both directions', {timeout}, async t => {
  const path = join(temporaryFolder(t), 's');
  const listener = createServer({pauseOnConnect: true});
  listener.listen(path);
  await once(listener, 'listening');
  const near = connect(path);
  const [far] = await once(listener, 'connection');
  listener.close();
  const child = startServer(t, ['--', servedFolder(t)], far);
  far.destroy();
  assert.deepEqual(await talk(near, near), answers);
  near.end();
  assert.deepEqual(await once(child, 'exit'), [0, null]);
  near.destroy();
});

test('when the client leaves during an answer, the server ends', {timeout}, async t => {
  const child = startServer(t, ['--', servedFolder(t)]);
  const {stdin, stdout} = child;
  assert.ok(stdin !== null && stdout !== null);
  await talk(stdin, stdout);
  stdout.destroy();
  stdin.end(encodeRequest('list', {path: rootPath}));
  await once(child, 'exit');
});

test('a missing folder ends the server with one line', {
  timeout,
}, async t => {
  const child = startServer(t, ['--', '-none']);
  let said = '';
  child.stderr?.on('data', text => {
    said += text;
  });
  child.stdin?.end();
  const [status] = await once(child, 'close');
  assert.equal(status, 1);
  assert.match(said, /^jangada-server: The folder '\S*\/-none' does not exist\n$/);
});
