/**
 * How often three servers read a file that one client downloads from all of them. The servers serve one folder, or each has
 * its own mount of a GlusterFS volume.
 */
import assert from 'node:assert/strict';
import {existsSync, mkdirSync, mkdtempSync, statSync} from 'node:fs';
import {utimes} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import process from 'node:process';
import {type TestContext, test} from 'node:test';
import {temporaryFolder, until} from '../fixtures/harness.ts';
import {Gluster, glusterPrograms} from './gluster.ts';
import {haproxyProgram} from './haproxy.ts';
import {lacks} from './isolation.ts';
import {bytesRead, MeasuredRun} from './measured-run.ts';
import {bigName, sha256, writeNoise} from './served-files.ts';
import {ThreeServers} from './three-servers.ts';

/** When each server computed its own digests, a file of this size was read 1.75 times. */
const bytes = 1024 * 1024 * 1024;
const skip =
  process.platform !== 'linux'
    ? 'bytes are counted with /proc'
    : !existsSync(haproxyProgram) && 'there is no HAProxy';

for (const [where, optionsFor] of [
  ['in their state folder', () => []],
  ['with --digests', (folder: string) => ['--digests', folder]],
] as const) {
  test(`three servers that share digests ${where} read a file once for one client, and not at all to verify it`, {
    ...{skip, timeout: 300_000},
  }, async t => {
    const folder = temporaryFolder(t);
    const root = join(folder, 'root');
    mkdirSync(root);
    const options = () => optionsFor(join(folder, 'digests'));
    await readOnce(t, {folder, roots: [root, root, root], options});
  });
}

test('three servers with mounts of their own of a GlusterFS volume that share digests on it read a file once', {
  skip: lacks(haproxyProgram, ...glusterPrograms),
  timeout: 300_000,
}, async t => {
  // The mounts in this folder end with this run. The folder is removed after that.
  const folder = mkdtempSync(join(tmpdir(), 'gluster-'));
  const gluster = await Gluster.start(folder, 3);
  const mounts = [1, 2, 3].map(number => join(folder, `mount-${number}`));
  for (const mount of mounts) {
    await gluster.mount(mount);
  }

  const [first = ''] = mounts;
  mkdirSync(join(first, 'files'));
  mkdirSync(join(first, 'digests'), {mode: 0o700});
  const roots = mounts.map(mount => join(mount, 'files'));
  const options = (index: number) => ['--digests', join(mounts[index] ?? '', 'digests')];
  await readOnce(t, {folder, roots, options});
});

type Case = {
  folder: string;
  roots: readonly string[];
  options(index: number): readonly string[];
};

async function readOnce(t: TestContext, {folder, roots, options}: Case): Promise<void> {
  const target = join(folder, 'target');
  await using cluster = await ThreeServers.start(folder, roots, options);
  const file = join(roots[0] ?? '', bigName);
  const hash = await writeNoise(file, bytes, 1);
  // A time long past, and a last status change of some seconds ago. Otherwise a server remembers no digests of the file.
  await utimes(file, 1_600_000_000, 1_600_000_000);
  await until(() => Date.now() > statSync(file).ctimeMs + 3000);
  const got = await timesRead(cluster, ['sget', bigName, '--to', target]);
  assert.equal(await sha256(join(target, bigName)), hash);
  const verified = await timesRead(cluster, ['verify', bigName, '--to', target]);
  t.diagnostic(`read ${got.toFixed(3)} times to send it, ${verified.toFixed(3)} to verify it`);
  assert.ok(got <= 1.05);
  assert.ok(verified <= 0.05);
}

/** How often all servers together read the large file while a client runs. @throws unless the client ends with 0. */
async function timesRead(cluster: ThreeServers, words: readonly string[]): Promise<number> {
  const read = () =>
    cluster.running.reduce((sum, index) => sum + (bytesRead(cluster.pid(index)) ?? 0), 0);
  const before = read();
  const {status, stderr} = await new MeasuredRun(words, cluster.address, cluster.home).ended;
  assert.equal(status, 0, stderr);
  return (read() - before) / bytes;
}
