/** The built server with several processes, and the built client. */
import assert from 'node:assert/strict';
import {execFile, spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import process from 'node:process';
import {createInterface} from 'node:readline';
import {test} from 'node:test';
import {promisify} from 'node:util';
import {temporaryFolder} from '../fixtures/harness.ts';
import {patternedBytes} from '../fixtures/server/server-folder.ts';

const dist = join(import.meta.dirname, '../../dist');

test('the built server serves with several processes, and ends with all of them', {
  timeout: 60_000,
}, async t => {
  const folder = temporaryFolder(t);
  const [root, target] = [join(folder, 'root'), join(folder, 'target')];
  mkdirSync(root);
  const bytes = patternedBytes(8 * 1_048_576);
  writeFileSync(join(root, 'file'), bytes);
  const env = {...process.env, JANGADA_STATE: join(folder, 'state')};
  const words = [join(dist, 'jangada-server.js'), root, '--port', '0', '--processes', '3'];
  const server = spawn(process.execPath, words, {env, stdio: ['ignore', 'pipe', 'pipe']});
  t.after(() => server.kill('SIGKILL'));
  let log = '';
  server.stderr.on('data', text => {
    log += text;
  });
  const [address] = await once(createInterface({input: server.stdout}), 'line');
  assert.equal(log.match(/"a serving process is ready"/g)?.length, 3);
  const fetch = [join(dist, 'jangada.js'), 'sget', 'file', '-s', address, '--to', target];
  await promisify(execFile)(process.execPath, fetch, {env});
  assert.ok(readFileSync(join(target, 'file')).equals(bytes));
  server.kill('SIGTERM');
  assert.deepEqual(await once(server, 'close'), [0, null]);
});
