import assert from 'node:assert/strict';
import {mkdirSync, realpathSync} from 'node:fs';
import {join} from 'node:path';
import process from 'node:process';
import {PassThrough} from 'node:stream';
import {type TestContext, test} from 'node:test';
import {pino} from 'pino';
import {plainPath, rawArguments} from '../../../server/stdio/raw-path.ts';
import {serveStdio, stdioRoot} from '../../../server/stdio/serve-stdio.ts';
import {PairSocket} from '../../../server/stdio/stdio-socket.ts';
import {temporaryFolder} from '../../fixtures/harness.ts';

function folders(t: TestContext) {
  const base = realpathSync(temporaryFolder(t));
  mkdirSync(join(base, 'public/photos'), {recursive: true});
  return {base, limit: join(base, 'public')};
}

test('without a restriction the root is the folder that the command names, whatever sshd says', () => {
  const asked = {SSH_ORIGINAL_COMMAND: 'jangada-server --stdio -- /etc'};
  assert.equal(stdioRoot('/srv/x', undefined, asked), '/srv/x');
  assert.equal(stdioRoot('x', undefined, {}), join(process.cwd(), 'x'));
});

test('with a restriction the client chooses the root within it, and without a choice the command does', t => {
  const {base, limit} = folders(t);
  const asked = (folder: string) => ({SSH_ORIGINAL_COMMAND: `jangada-server --stdio -- ${folder}`});
  assert.equal(stdioRoot('/etc', limit, asked('photos')), join(limit, 'photos'));
  assert.equal(stdioRoot('photos', limit, {}), join(limit, 'photos'));
  assert.equal(stdioRoot('.', limit, {}), limit);
  for (const wrong of [
    () => stdioRoot(base, limit, {}),
    () => stdioRoot('.', limit, asked('..')),
  ]) {
    assert.throws(wrong, {code: 'forbidden'});
  }

  assert.throws(() => stdioRoot('.', join(base, 'none'), {}), {
    code: 'not_found',
    message: `The folder '${join(base, 'none')}' does not exist`,
  });
});

test('the log names the client that sshd names, and one that nobody names', async t => {
  const before = {...process.env};
  t.after(() => {
    process.env = before;
  });
  for (const [connection, peer] of [
    ['192.0.2.7 5 192.0.2.1 22', '192.0.2.7'],
    ['', 'standard input'],
  ] as const) {
    process.env.SSH_CONNECTION = connection;
    const lines: string[] = [];
    const logger = pino({level: 'debug'}, {write: line => lines.push(line)});
    const input = new PassThrough();
    const socket = new PairSocket(input, new PassThrough());
    const server = serveStdio({root: temporaryFolder(t), logger, socket});
    input.end();
    await server.ended;
    const ended = lines.find(line => line.includes('connection ended')) ?? assert.fail();
    assert.equal((JSON.parse(ended) as {peer: string}).peer, peer);
  }
});

test('words and paths that Node can pass stay as they are', () => {
  const words = ['--stdio', 'maçã'];
  assert.equal(rawArguments(words), words);
  assert.equal(plainPath('/srv/maçã'), '/srv/maçã');
});
