/** Three servers of one plain folder behind HAProxy: short runs of the tests for every disk. */
import {existsSync, mkdirSync, mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import process from 'node:process';
import {after, before, suite} from 'node:test';
import {haproxyProgram} from './haproxy.ts';
import {commonScenarios, type Setting} from './scenarios.ts';
import {bigName, overwriteBeginning, serveFiles, sha256} from './served-files.ts';
import {ThreeServers} from './three-servers.ts';

const skip =
  process.platform !== 'linux'
    ? 'pauses are measured with /proc'
    : !existsSync(haproxyProgram) && 'there is no HAProxy';

suite('three servers of one folder', {skip, timeout: 240_000}, () => {
  const folder = mkdtempSync(join(tmpdir(), 'jangada-test-'));
  let setting: Setting;

  before(async () => {
    const root = join(folder, 'root');
    mkdirSync(root);
    const files = await serveFiles(root, {files: 60, bigMiB: 48});
    const bigHash = await sha256(join(root, bigName));
    const cluster = await ThreeServers.start(folder, [root, root, root]);
    const rewrite = (bytes: number) => overwriteBeginning(join(root, bigName), bytes);
    setting = {cluster, files, bigHash, rewrite, seconds: 2};
  });

  after(async () => {
    await setting?.cluster[Symbol.asyncDispose]();
    rmSync(folder, {recursive: true, force: true});
  });

  commonScenarios(() => setting);
});
