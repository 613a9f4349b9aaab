/** Three servers, each on its own mount of one GlusterFS volume with three copies, behind HAProxy. */
import {mkdtempSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {after, before, suite, test} from 'node:test';
import {setTimeout as delay} from 'node:timers/promises';
import {Gluster, glusterPrograms} from './gluster.ts';
import {haproxyProgram} from './haproxy.ts';
import {lacks} from './isolation.ts';
import {commonScenarios, downloadDisturbed, type Setting} from './scenarios.ts';
import {bigName, serveFiles, sha256} from './served-files.ts';
import {ThreeServers} from './three-servers.ts';

/** Of a brick that does not answer, a mount hears after so many seconds. */
const pingTimeoutSeconds = 3;

suite('GlusterFS', {skip: lacks(haproxyProgram, ...glusterPrograms), timeout: 900_000}, () => {
  let gluster: Gluster;
  let setting: Setting;

  before(async () => {
    const folder = mkdtempSync(join(tmpdir(), 'gluster-'));
    gluster = await Gluster.start(folder, pingTimeoutSeconds);
    const roots = [1, 2, 3].map(number => join(folder, `mount-${number}`));
    for (const root of roots) {
      await gluster.mount(root);
    }

    const [root = ''] = roots;
    const files = await serveFiles(root, {files: 300, bigMiB: 1024});
    const bigHash = await sha256(join(root, bigName));
    setting = {cluster: await ThreeServers.start(folder, roots), files, bigHash, root};
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
    test(`a pause of brick ${number} of four seconds is one of the download, at most`, async t => {
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

  test('a brick that hangs for long is given up by the mounts, and the download goes on', async t => {
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
});
