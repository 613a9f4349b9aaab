/** How much three servers of one folder read of a file that one client downloads from all of them. */
import assert from 'node:assert/strict';
import {existsSync, mkdirSync} from 'node:fs';
import {utimes} from 'node:fs/promises';
import {join} from 'node:path';
import process from 'node:process';
import {test} from 'node:test';
import {temporaryFolder} from '../fixtures/harness.ts';
import {haproxyProgram} from './haproxy.ts';
import {bytesRead, MeasuredRun} from './measured-run.ts';
import {bigName, sha256, writeNoise} from './served-files.ts';
import {ThreeServers} from './three-servers.ts';

/** It was read 1.75 times as long as each server computed digests for itself. */
const bytes = 1024 * 1024 * 1024;
const skip =
  process.platform !== 'linux'
    ? 'bytes are counted with /proc'
    : !existsSync(haproxyProgram) && 'there is no HAProxy';

for (const [where, options] of [
  ['in their state folder', () => []],
  ['with --digests', (folder: string) => ['--digests', folder]],
] as const) {
  test(`three servers that share digests ${where} read a file once for one client, and not at all to verify it`, {
    ...{skip, timeout: 120_000},
  }, async t => {
    const folder = temporaryFolder(t);
    const root = join(folder, 'root');
    const digests = join(folder, 'digests');
    const target = join(folder, 'target');
    mkdirSync(root);
    mkdirSync(digests, {mode: 0o700});
    await using cluster = await ThreeServers.start(folder, [root, root, root], options(digests));
    const file = join(root, bigName);
    const hash = await writeNoise(file, bytes, 1);
    // Long past: a server remembers no digests of what has only just changed.
    await utimes(file, 1_600_000_000, 1_600_000_000);
    const got = await timesRead(cluster, ['sget', bigName, '--to', target]);
    assert.equal(await sha256(join(target, bigName)), hash);
    const verified = await timesRead(cluster, ['verify', bigName, '--to', target]);
    t.diagnostic(
      `read ${got.toFixed(3)} times to send it, ${verified.toFixed(3)} times to verify it`,
    );
    // Beside the file they read the digests of each other.
    assert.ok(got <= 1.25, `read ${got} times to send it`);
    assert.ok(verified <= 0.05, `read ${verified} times to verify it`);
  });
}

/** How often all servers together read the large file while a client runs. @throws unless that ends with 0. */
async function timesRead(cluster: ThreeServers, words: readonly string[]): Promise<number> {
  const read = () =>
    cluster.running.reduce((sum, index) => sum + (bytesRead(cluster.pid(index)) ?? 0), 0);
  const before = read();
  const {status, stderr} = await new MeasuredRun(words, cluster.address, cluster.home).ended;
  assert.equal(status, 0, stderr);
  return (read() - before) / bytes;
}
