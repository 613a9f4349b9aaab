/** The TLS of the server, as another program sees it. */
import assert from 'node:assert/strict';
import {spawn, spawnSync} from 'node:child_process';
import {suite, type TestContext, test} from 'node:test';
import {testDoor} from '../../fixtures/door.ts';
import {startHarness} from '../../fixtures/harness.ts';

const skip = spawnSync('openssl', ['version']).status === 0 ? false : 'openssl is not installed';

suite('a server, as openssl sees it,', {skip}, () => {
  test('speaks TLS 1.3 with AES of 128 bits, even if openssl prefers another cipher', async t => {
    const said = await sClient(t, {allows12: false});
    assert.match(said, /^Protocol version: TLSv1\.3$/m);
    assert.match(said, /^Ciphersuite: TLS_AES_128_GCM_SHA256$/m);
  });

  test('refuses TLS 1.2', async t => {
    const said = await sClient(t, {allows12: false}, '-tls1_2');
    assert.match(said, /alert protocol version/);
    assert.doesNotMatch(said, /CONNECTION ESTABLISHED/);
  });

  test('speaks TLS 1.2 if that is allowed, with a key for one session only, but prefers 1.3', async t => {
    const said = await sClient(t, {allows12: true}, '-tls1_2');
    assert.match(said, /^Protocol version: TLSv1\.2$/m);
    assert.match(said, /^Ciphersuite: ECDHE-ECDSA-AES128-GCM-SHA256$/m);
    assert.match(await sClient(t, {allows12: true}), /^Protocol version: TLSv1\.3$/m);
  });

  test('always refuses versions older than TLS 1.2', async t => {
    const said = await sClient(t, {allows12: true}, '-tls1_1', '-cipher', 'ALL:@SECLEVEL=0');
    assert.match(said, /alert protocol version/);
    assert.doesNotMatch(said, /CONNECTION ESTABLISHED/);
  });
});

/** The output of `openssl s_client` for a server with this door. */
async function sClient(
  t: TestContext,
  door: {allows12: boolean},
  ...words: string[]
): Promise<string> {
  const {server} = await startHarness(t, {server: {door: testDoor(t, door)}});
  const place = ['-connect', `127.0.0.1:${server.port}`];
  const child = spawn('openssl', ['s_client', '-brief', ...place, ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', text => {
      said += text;
    });
  }

  await new Promise(resolve => child.on('close', resolve));
  return said;
}
