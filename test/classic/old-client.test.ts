/** A client from the time of the classic dialogue, against the program as users start it. */
import assert from 'node:assert/strict';
import {spawn, spawnSync} from 'node:child_process';
import {once} from 'node:events';
import {mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import process from 'node:process';
import {createInterface} from 'node:readline';
import {type TestContext, test} from 'node:test';
import {fileURLToPath} from 'node:url';
import {patternedBytes} from '../fixtures/server/server-folder.ts';
import {withTypeScript} from '../fixtures/with-typescript.ts';

const program = fileURLToPath(new URL('../../server/cli.ts', import.meta.url));
const oldClient = fileURLToPath(new URL('./old_client.py', import.meta.url));
const python = spawnSync('python3', ['--version']).status === 0;

/** A long pause, because on a busy machine the client may read late. */
const pauseMs = 200;

test('an old client in Python, with one recv for each message, gets the right answer to all five commands', {
  skip: python ? false : 'python3 is not installed',
  timeout: 110_000,
}, async t => {
  const folder = servedFolder(t);
  const address = await serve(t, folder);
  const client = spawn('python3', [oldClient, address.host, address.port, folder]);
  let said = '';
  for (const stream of [client.stdout, client.stderr]) {
    stream.on('data', text => {
      said += text;
    });
  }

  const [status] = await once(client, 'close');
  assert.equal(said, '');
  assert.equal(status, 0);
});

function servedFolder(t: TestContext): string {
  const outside = mkdtempSync(join(tmpdir(), 'jangada-classic-'));
  t.after(() => rmSync(outside, {recursive: true, force: true}));
  const folder = join(outside, 'files');
  mkdirSync(join(folder, 'sub'), {recursive: true});
  writeFileSync(join(outside, 'segredo'), 'secret');
  writeFileSync(join(folder, 'barco.jpg'), patternedBytes(51_200));
  writeFileSync(join(folder, 'notas.txt'), 'Maré alta.\n');
  writeFileSync(join(folder, 'vela.jpg'), patternedBytes(24 * 1_048_576 + 1));
  writeFileSync(join(folder, 'sub', 'fundo.jpg'), 'deep');
  if (process.platform !== 'win32') {
    symlinkSync('../segredo', join(folder, 'fora'));
  }

  return folder;
}

async function serve(t: TestContext, folder: string): Promise<{host: string; port: string}> {
  const words = ['--port', '0', '--classic', '--classic-pause', String(pauseMs), folder];
  const server = spawn(process.execPath, [...withTypeScript, program, ...words], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  t.after(() => server.kill('SIGKILL'));
  const [line] = await once(createInterface(server.stdout), 'line');
  const [, host = '', port = ''] = /^jangada:\/\/([^:]+):(\d+)$/.exec(line) ?? [];
  assert.notEqual(port, '', line);
  return {host, port};
}
