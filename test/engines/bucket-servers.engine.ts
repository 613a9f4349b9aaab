/** Three servers of one bucket of Ceph, which keeps each object three times, behind HAProxy. */
import {mkdtempSync, readFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import process from 'node:process';
import {after, before, suite, test} from 'node:test';
import {type Ceph, startCeph, whyNoCeph} from './ceph.ts';
import {haproxyProgram} from './haproxy.ts';
import {lacks} from './isolation.ts';
import {S3Writer} from './s3-writer.ts';
import {commonScenarios, downloadDisturbed, type Setting} from './scenarios.ts';
import {bigName, overwriteBeginning, serveFiles, sha256, treeName} from './served-files.ts';
import {ThreeServers} from './three-servers.ts';

const skip = lacks(haproxyProgram) || (whyNoCeph() ?? false);

suite('three servers of one bucket', {skip, timeout: 1_800_000}, () => {
  const folder = mkdtempSync(join(tmpdir(), 'bucket-'));
  let ceph: Ceph;
  let setting: Setting;

  before(async () => {
    ceph = await startCeph({copies: 3});
    const writer = await S3Writer.of(ceph, 'shared');
    const local = join(folder, 'local');
    const files = await serveFiles(local, {files: 300, bigMiB: 1024});
    const upload = (name: string) => writer.write(name, readFileSync(join(local, name)));
    for (const name of files.tree.keys()) {
      await upload(`${treeName}/${name}`);
    }

    await upload(bigName);
    process.env.AWS_ACCESS_KEY_ID = ceph.accessKeyId;
    process.env.AWS_SECRET_ACCESS_KEY = ceph.secretAccessKey;
    const root = `s3://${writer.bucket}`;
    const options = ['--s3-endpoint', ceph.endpoint];
    const cluster = await ThreeServers.start(folder, [root, root, root], () => options);
    const bigHash = await sha256(join(local, bigName));
    const rewrite = async (bytes: number) => {
      const hash = await overwriteBeginning(join(local, bigName), bytes);
      await upload(bigName);
      return hash;
    };
    // A download must last longer than `rewrite`, which sends the whole object.
    setting = {cluster, files, bigHash, rewrite, seconds: 45};
  });

  after(async () => {
    await setting?.cluster[Symbol.asyncDispose]();
    await ceph?.close();
  });

  commonScenarios(() => setting);

  test('a gateway that is killed and started again costs a pause, and the download continues', async t => {
    await downloadDisturbed(t, setting, {
      mostPauseMs: 20_000,
      disturb: () => ceph.restartGateway(),
    });
  });

  // The last test, because the OSD stays dead.
  test('an OSD that is killed costs a pause, and the download continues', async t => {
    await downloadDisturbed(t, setting, {mostPauseMs: 20_000, disturb: () => ceph.killOsd(1)});
  });
});
