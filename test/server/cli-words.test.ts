/** What the program says at its start, and refuses to start with. */
import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import process from 'node:process';
import {type TestContext, test} from 'node:test';
import {fileURLToPath} from 'node:url';
import {temporaryFolder} from '../fixtures/harness.ts';
import {until} from '../fixtures/server/server-folder.ts';
import {withTypeScript} from '../fixtures/with-typescript.ts';

const cli = fileURLToPath(new URL('../../server/cli.ts', import.meta.url));

/** Start the program, until it serves or ends. */
async function start(t: TestContext, ...words: string[]) {
  const folder = temporaryFolder(t);
  const child = spawn(process.execPath, [...withTypeScript, cli, folder, '--port', '0', ...words], {
    env: {...process.env, JANGADA_STATE: `${folder}-state`},
  });
  t.after(() => child.kill('SIGKILL'));
  let [stdout, stderr] = ['', ''];
  let status: number | null | undefined;
  child.stdout.on('data', text => {
    stdout += text;
  });
  child.stderr.on('data', text => {
    stderr += text;
  });
  child.once('close', code => {
    status = code;
  });
  await until(() => stdout.includes('\n') || status !== undefined, 'it serves or ends');
  return {status, stderr, stdout};
}

test('--classic does not go with TLS or a token, and says what does', async t => {
  for (const words of [
    ['--tls', '--no-token'],
    ['--host', '0.0.0.0'],
  ]) {
    const {status, stderr} = await start(t, '--classic', ...words);
    assert.equal(status, 2);
    assert.match(
      stderr,
      /^jangada-server: --classic works only without TLS and tokens.*--insecure --no-token.*\n$/,
    );
  }
});

test('the log says that old clients are answered, and by whose rights', async t => {
  const {stderr} = await start(t, '--classic');
  const lines = stderr
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as {level: number; msg: string});
  assert.ok(lines.some(({level, msg}) => level === 30 && /classic dialogue, too$/.test(msg)));
  assert.equal(
    lines.some(({level, msg}) => level === 40 && /^running as root/.test(msg)),
    process.getuid?.() === 0,
  );
});

test('a server behind a balancer has TLS and a token on 127.0.0.1, too', async t => {
  const {stdout} = await start(t, '--trust-proxy', '127.0.0.1');
  assert.match(stdout, /^jangadas:\/\/[\w-]{43}@127\.0\.0\.1:\d+#sha256:/);
});
