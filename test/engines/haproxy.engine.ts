/** Three servers of one plain folder behind HAProxy, with a large file, and tests that take too long for `npm test`. */
import assert from 'node:assert/strict';
import {mkdirSync, mkdtempSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {after, before, suite, test} from 'node:test';
import {setTimeout as delay} from 'node:timers/promises';
import {haproxyProgram} from './haproxy.ts';
import {lacks} from './isolation.ts';
import {commonScenarios, complaints, downloadDisturbed, type Setting, start} from './scenarios.ts';
import {bigName, overwriteBeginning, serveFiles, sha256} from './served-files.ts';
import {ThreeServers} from './three-servers.ts';

suite('three servers of one folder', {skip: lacks(haproxyProgram), timeout: 1_200_000}, () => {
  const folder = mkdtempSync(join(tmpdir(), 'haproxy-'));
  let setting: Setting;

  before(async () => {
    const root = join(folder, 'root');
    mkdirSync(root);
    const files = await serveFiles(root, {files: 300, bigMiB: 1024});
    const bigHash = await sha256(join(root, bigName));
    const cluster = await ThreeServers.start(folder, [root, root, root]);
    const rewrite = (bytes: number) => overwriteBeginning(join(root, bigName), bytes);
    setting = {cluster, files, bigHash, rewrite, seconds: 7};
  });

  after(() => setting?.cluster[Symbol.asyncDispose]());

  commonScenarios(() => setting);

  test('the client gets a digest although the server that computes it is asked to stop', async () => {
    const {cluster, bigHash} = setting;
    const run = start(cluster, ['hash', bigName, '--json']);
    const stopped: number[] = [];
    try {
      for (const index of [0, 1]) {
        await delay(150);
        stopped.push(index);
        await cluster.drain(index);
      }

      const measured = await run.ended;
      assert.equal(measured.status, 0, measured.stderr);
      assert.deepEqual(complaints(measured), []);
      assert.equal(JSON.parse(measured.stdout).digest, bigHash);
    } finally {
      await Promise.all(stopped.map(index => cluster.startServer(index)));
    }
  });

  test('after the timeout the client gives up a server that hangs, and other servers send the missing blocks', async t => {
    const {cluster} = setting;
    await downloadDisturbed(t, setting, {
      mostPauseMs: 25_000,
      async disturb(run) {
        cluster.signal(2, 'SIGSTOP');
        await run.ended;
      },
      restore: async () => cluster.signal(2, 'SIGCONT'),
    });
  });
});
