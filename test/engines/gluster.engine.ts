/** Three servers, each on its own mount of one GlusterFS volume with three copies, behind HAProxy. */
import assert from 'node:assert/strict';
import {mkdirSync, mkdtempSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import process from 'node:process';
import {after, before, suite, test} from 'node:test';
import {setTimeout as delay} from 'node:timers/promises';
import type {Client} from '../../source/client/client.ts';
import {refuseStackTrace, startServer} from '../chaos/program.ts';
import {usualWeights} from '../chaos/servers/server-events.ts';
import {serversChaos} from '../chaos/servers/servers-chaos.ts';
import {freePort} from '../fixtures/free-port.ts';
import {path, temporaryFolder} from '../fixtures/harness.ts';
import {Asker} from './asker.ts';
import {Gluster, glusterPrograms} from './gluster.ts';
import {haproxyProgram} from './haproxy.ts';
import {lacks} from './isolation.ts';
import {MeasuredRun} from './measured-run.ts';
import {commonScenarios, downloadDisturbed, type Setting} from './scenarios.ts';
import {bigName, overwriteBeginning, serveFiles, sha256} from './served-files.ts';
import {ThreeServers} from './three-servers.ts';

/** If a brick does not answer, a mount gives it up after this time. */
const pingTimeoutSeconds = 3;

suite('GlusterFS', {skip: lacks(haproxyProgram, ...glusterPrograms), timeout: 1_800_000}, () => {
  const folder = mkdtempSync(join(tmpdir(), 'gluster-'));
  const roots = [1, 2, 3].map(number => join(folder, `mount-${number}`));
  let gluster: Gluster;
  let setting: Setting;

  before(async () => {
    gluster = await Gluster.start(folder, pingTimeoutSeconds);
    for (const root of roots) {
      await gluster.mount(root);
    }

    const [root = ''] = roots;
    const files = await serveFiles(root, {files: 300, bigMiB: 1024});
    const bigHash = await sha256(join(root, bigName));
    const cluster = await ThreeServers.start(folder, roots);
    const rewrite = (bytes: number) => overwriteBeginning(join(root, bigName), bytes);
    setting = {cluster, files, bigHash, rewrite, seconds: 7};
  });

  after(() => setting?.cluster[Symbol.asyncDispose]());

  commonScenarios(() => setting);

  test('a brick that is killed costs a short pause', async t => {
    await downloadDisturbed(t, setting, {
      mostPauseMs: 5000,
      disturb: async () => gluster.signalBrick(1, 'SIGKILL'),
      restore: () => gluster.restoreBricks(),
    });
  });

  for (const number of [1, 2, 3] as const) {
    test(`if brick ${number} stops for four seconds, the download pauses for twelve seconds at most`, async t => {
      await downloadDisturbed(t, setting, {
        mostPauseMs: 12_000,
        async disturb() {
          gluster.signalBrick(number, 'SIGSTOP');
          await delay(4000);
          gluster.signalBrick(number, 'SIGCONT');
        },
        restore: () => gluster.restoreBricks(),
      });
    });
  }

  test('the mounts give up a brick that hangs for long, and the download continues', async t => {
    await downloadDisturbed(t, setting, {
      mostPauseMs: 20_000,
      disturb: async run => {
        gluster.signalBrick(2, 'SIGSTOP');
        await run.ended;
      },
      async restore() {
        gluster.signalBrick(2, 'SIGCONT');
        await gluster.restoreBricks();
      },
    });
  });

  test('while a brick hangs, a server still answers requests for files outside the volume at once', async t => {
    const mixed = join(folder, 'mixed');
    await gluster.mount(join(mixed, 'shared'));
    mkdirSync(join(mixed, 'local'));
    writeFileSync(join(mixed, 'local', 'a'), 'x');
    await using server = await aloneServer(mixed, setting.cluster.home);
    const {address} = server;
    const words = ['sget', `shared/${bigName}`, '--to', temporaryFolder(t), '--limit', '150M'];
    const run = new MeasuredRun(words, address, setting.cluster.home);
    await using pings = new Asker(address, client => client.ping());
    await using local = new Asker(address, askFor('local'));
    await using shared = new Asker(address, askFor('shared'));
    await run.reads(setting.files.bigBytes / 3);
    gluster.signalBrick(2, 'SIGSTOP');
    await delay(2500);
    gluster.signalBrick(2, 'SIGCONT');
    const {status, stderr, pauseMs} = await run.ended;
    const [pingMs, localMs, sharedMs] = [pings, local, shared].map(asker => asker.worstMs);
    t.diagnostic(
      `worst answers: ping ${pingMs} ms, another disk ${localMs} ms, the volume ${sharedMs} ms; ` +
        `longest pause of the download ${Math.round(pauseMs)} ms`,
    );
    assert.equal(status, 0, stderr);
    assert.ok(Math.max(pingMs ?? 0, localMs ?? 0) < 1500);
  });

  test('whatever is killed, stopped or rewritten, every file arrives as it is served', async t => {
    const chaosFolder = join(folder, 'chaos');
    mkdirSync(chaosFolder);
    mkdirSync(join(roots[0] ?? '', 'chaos'));
    const tally = await serversChaos({
      ...{folder: chaosFolder, seed: Number(process.env.CHAOS_SEED ?? 1), events: 60},
      roots: roots.map(root => join(root, 'chaos')),
      log: line => t.diagnostic(line),
      tree: {largeMiB: [12, 6, 4, 3, 2, 1], smallFiles: 100},
      weights: usualWeights,
    });
    for (const line of tally.lines()) {
      t.diagnostic(line);
    }
  });
});

/** Start a server without a balancer. */
async function aloneServer(
  root: string,
  home: string,
): Promise<{address: string} & AsyncDisposable> {
  const port = await freePort();
  const server = await startServer(root, port, home);
  return {
    address: `jangada://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      await server.kill();
      refuseStackTrace('server', server.stderr);
    },
  };
}

/** A request for the state of a folder, and its listing. */
function askFor(folder: string): (client: Client) => Promise<void> {
  return async client => {
    await client.stat(path(folder));
    for await (const _ of client.list(path(folder))) {
      // Wait for every batch of entries: all of them are part of the answer.
    }
  };
}
