/**
 * What a client of three servers behind HAProxy may rely on while servers are killed, stopped and restarted, on any disk.
 * The tests check bytes and statuses exactly, and pauses only against an upper bound. They print how long the pauses were.
 */
import assert from 'node:assert/strict';
import {join} from 'node:path';
import {type TestContext, test} from 'node:test';
import {setTimeout as delay} from 'node:timers/promises';
import {blockSize} from '../../protocol/block.ts';
import {temporaryFolder} from '../fixtures/harness.ts';
import {type Measured, MeasuredRun} from './measured-run.ts';
import {bigName, hashesBelow, type ServedFiles, sha256, treeName} from './served-files.ts';
import type {ThreeServers} from './three-servers.ts';

export type Setting = {
  cluster: ThreeServers;
  files: ServedFiles;
  /** The SHA-256 of the large file as it is now. */
  bigHash: string;
  /** Write other bytes over the first bytes of the large file. @returns the SHA-256 of the whole file. */
  rewrite(bytes: number): Promise<string>;
  /** How long a download of the large file takes when the test limits its rate. */
  seconds: number;
};

/**
 * The most bytes that a client may receive: besides the file, digests and headers, and on each of its four connections a
 * block that was on its way when a server ended.
 */
function mostReceived(bytes: number): number {
  return bytes + Math.max(bytes / 20, 4.1 * blockSize);
}

type Disturbed = {
  /** Called when a third of the large file has arrived. */
  disturb(run: MeasuredRun): Promise<void>;
  /** The longest allowed pause. */
  mostPauseMs: number;
  /** Called at the end, to repair what `disturb` did. */
  restore?(): Promise<void>;
  /** Whether the client may print warnings. Default: it may not, because the servers answer it all the time. */
  mayComplain?: boolean;
};

/** Disturb a slow download of the large file. Check that the file is right, and that no block was fetched twice. */
export async function downloadDisturbed(
  t: TestContext,
  setting: Setting,
  {disturb, mostPauseMs, restore, mayComplain = false}: Disturbed,
): Promise<Measured> {
  const {cluster, files} = setting;
  const target = temporaryFolder(t);
  const received = await receivedFromNow(cluster);
  const run = startSlowly(setting, target);
  await run.reads(files.bigBytes / 3);
  try {
    await disturb(run);
    const measured = await run.ended;
    const bytes = await received();
    t.diagnostic(
      `longest pause ${Math.round(measured.pauseMs)} ms, received ${times(bytes, files)}, ${Math.round(measured.ms)} ms in all`,
    );
    for (const line of complaints(measured)) {
      t.diagnostic(line);
    }

    assert.equal(measured.status, 0, measured.stderr);
    assert.equal(await sha256(join(target, bigName)), setting.bigHash);
    assert.ok(mayComplain || complaints(measured).length === 0, measured.stderr);
    assert.ok(measured.pauseMs <= mostPauseMs, `a pause of ${measured.pauseMs} ms`);
    assert.ok(bytes <= mostReceived(files.bigBytes), `received ${times(bytes, files)}`);
    return measured;
  } finally {
    await restore?.();
  }
}

/** Tests for files on any disk. They call `setting` when they run. */
export function commonScenarios(setting: () => Setting): void {
  test('all commands work, whichever server answers them', async t => {
    const {cluster, files} = setting();
    const target = temporaryFolder(t);
    const list = await finish(cluster, ['list', treeName, '--json']);
    assert.equal(list.status, 0, list.stderr);
    const got = await finish(cluster, ['mget', `${treeName}/**`, '--to', target]);
    assert.equal(got.status, 0, got.stderr);
    assert.deepEqual(sorted(await hashesBelow(join(target, treeName))), sorted(files.tree));
    const names = [...files.tree.keys()].map(name => `${treeName}/${name}`);
    const verified = await finish(cluster, ['verify', ...names, '--to', target]);
    assert.equal(verified.status, 0, verified.stderr);
    const hashed = await finish(cluster, ['hash', bigName, '--json']);
    assert.equal(JSON.parse(hashed.stdout).digest, setting().bigHash);
  });

  test('an interrupted download is resumed, and nothing is fetched twice', async t => {
    const {cluster, files, bigHash} = setting();
    const target = temporaryFolder(t);
    const received = await receivedFromNow(cluster);
    // On a busy machine this process may see the half late: the other half takes a while.
    const first = startSlowly(setting(), target, 4 * setting().seconds);
    await first.reads(files.bigBytes / 2);
    first.program.signal('SIGINT');
    assert.equal((await first.ended).status, 130);
    const second = await finish(cluster, ['cget', bigName, '--to', target]);
    assert.equal(second.status, 0, second.stderr);
    assert.equal(await sha256(join(target, bigName)), bigHash);
    const bytes = await received();
    t.diagnostic(`received ${times(bytes, files)}`);
    assert.ok(bytes <= mostReceived(files.bigBytes), `received ${times(bytes, files)}`);
  });

  test('a killed server costs a short pause, and the client prints no warning', async t => {
    const {cluster} = setting();
    await downloadDisturbed(t, setting(), {
      mostPauseMs: 5000,
      disturb: () => cluster.kill(0),
      restore: () => cluster.startServer(0),
    });
  });

  test('a server that is asked to stop costs a short pause at most, and the client prints no warning', async t => {
    const {cluster} = setting();
    await downloadDisturbed(t, setting(), {
      mostPauseMs: 5000,
      disturb: () => cluster.drain(1),
      restore: () => cluster.startServer(1),
    });
  });

  test('hundreds of small files arrive, each once, while servers are killed and asked to stop', async t => {
    const {cluster, files} = setting();
    const target = temporaryFolder(t);
    const received = await receivedFromNow(cluster);
    const rate = Math.round(files.treeBytes / 4);
    const words = ['mget', `${treeName}/**`, '--to', target, '--limit', `${rate}`];
    const run = start(cluster, words);
    for (const [part, happens] of [
      [0.2, () => cluster.kill(0)],
      [0.4, () => cluster.startServer(0)],
      [0.5, () => cluster.drain(1)],
      [0.7, () => cluster.startServer(1)],
    ] as const) {
      await run.reads(files.treeBytes * part);
      await happens();
    }

    const measured = await run.ended;
    const bytes = await received();
    t.diagnostic(
      `longest pause ${Math.round(measured.pauseMs)} ms, received ${(bytes / files.treeBytes).toFixed(3)} times`,
    );
    assert.equal(measured.status, 0, measured.stderr);
    assert.deepEqual(complaints(measured), []);
    assert.deepEqual(sorted(await hashesBelow(join(target, treeName))), sorted(files.tree));
    assert.ok(bytes <= mostReceived(files.treeBytes), `received ${bytes} of ${files.treeBytes}`);
  });

  test('if all servers are down for three seconds, the download then continues', async t => {
    const {cluster} = setting();
    await downloadDisturbed(t, setting(), {
      mostPauseMs: 15_000,
      mayComplain: true,
      async disturb() {
        await Promise.all([0, 1, 2].map(index => cluster.kill(index)));
        await delay(3000);
        await Promise.all([0, 1, 2].map(index => cluster.startServer(index)));
      },
    });
  });

  test('a file that is rewritten during its download arrives with its new content', async t => {
    const {files, rewrite} = setting();
    const target = temporaryFolder(t);
    const run = startSlowly(setting(), target);
    await run.reads(files.bigBytes / 3);
    setting().bigHash = await rewrite(Math.floor(files.bigBytes / 16));
    const {status, stderr, ms} = await run.ended;
    t.diagnostic(`${Math.round(ms)} ms in all`);
    assert.equal(status, 0, stderr);
    assert.match(stderr, /^big\.bin: changed on the server; the download begins again/m);
    assert.equal(await sha256(join(target, bigName)), setting().bigHash);
  });
}

function startSlowly(
  {cluster, files, ...setting}: Setting,
  target: string,
  seconds = setting.seconds,
): MeasuredRun {
  const rate = Math.round(files.bigBytes / seconds);
  return start(cluster, ['sget', bigName, '--to', target, '--limit', `${rate}`]);
}

/** @returns a function that gives the bytes that HAProxy has sent to clients since this call. */
async function receivedFromNow({haproxy}: ThreeServers): Promise<() => Promise<number>> {
  const {bytesOut} = await haproxy.stats();
  return async () => (await haproxy.stats()).bytesOut - bytesOut;
}

/** The warnings and errors of a client. Its lines of progress begin otherwise. */
export function complaints({stderr}: Measured): string[] {
  return stderr.split('\n').filter(line => line.startsWith('jangada:'));
}

function times(bytes: number, {bigBytes}: ServedFiles): string {
  return `${(bytes / bigBytes).toFixed(3)} times`;
}

export function start({address, home}: ThreeServers, words: readonly string[]): MeasuredRun {
  return new MeasuredRun(words, address, home);
}

async function finish(cluster: ThreeServers, words: readonly string[]): Promise<Measured> {
  return await start(cluster, words).ended;
}

function sorted(map: ReadonlyMap<string, string>): Array<[string, string]> {
  return [...map].sort();
}
