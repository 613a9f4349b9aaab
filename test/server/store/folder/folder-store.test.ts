import assert from 'node:assert/strict';
import {mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import process from 'node:process';
import {type TestContext, test} from 'node:test';
import {parseRemotePath} from '../../../../protocol/remote-path.ts';
import {CallThreads} from '../../../../server/store/folder/disk/call-threads.ts';
import {callsUnder} from '../../../../server/store/folder/disk/folder-calls.ts';
import {FolderStore} from '../../../../server/store/folder/folder-store.ts';
import {PortableRoot} from '../../../../server/store/folder/root/root-portable.ts';

const skip = process.platform === 'win32' ? 'links need a right there' : false;

/** Paths, and whether a link leads them out of the root. */
const paths: [path: string, leadsOut: boolean][] = [
  ['', false],
  ['sub', false],
  ['sub/file', false],
  ['none', false],
  ['none/deep', false],
  ['sub/file/deep', false],
  ['inside', false],
  ['inside/file', false],
  ['dead', false],
  ['up', true],
  ['up/secret', true],
  ['up/none/deep', true],
  ['up/served/sub/file', true],
  ['inside/secret', true],
];

function servedFolder(t: TestContext): string {
  const outside = mkdtempSync(join(tmpdir(), 'jangada-leads-out-'));
  t.after(() => rmSync(outside, {recursive: true, force: true}));
  const root = join(outside, 'served');
  mkdirSync(join(root, 'sub'), {recursive: true});
  writeFileSync(join(outside, 'secret'), 'secret');
  writeFileSync(join(root, 'sub', 'file'), 'x');
  symlinkSync('..', join(root, 'up'));
  symlinkSync('sub', join(root, 'inside'));
  symlinkSync('../../secret', join(root, 'sub', 'secret'));
  symlinkSync('nowhere', join(root, 'dead'));
  return root;
}

for (const remote of [false, true]) {
  const where = remote ? 'from threads' : 'at once';
  test(`a link that leads out is distinguished from a missing name, ${where}`, {skip}, async t => {
    const store = new FolderStore(servedFolder(t), {hashThreads: 1, maskMs: 1000, remote});
    t.after(() => store.close());
    for (const [path, leadsOut] of paths) {
      assert.equal(await store.leadsOut(parseRemotePath(path)), leadsOut, path);
    }
  });
}

test('so it is on systems without /proc', {skip}, t => {
  const root = PortableRoot.open(servedFolder(t));
  t.after(() => root.close());
  const calls = callsUnder(root);
  for (const [path, leadsOut] of paths) {
    assert.equal(calls.leadsOut(parseRemotePath(path)), leadsOut, path);
  }
});

test('small files are read from a slow disk in short calls, because calls of others wait for them', async t => {
  const store = new FolderStore(servedFolder(t), {hashThreads: 1, maskMs: 1000, remote: true});
  t.after(() => store.close());
  const run = t.mock.method(CallThreads.prototype, 'run');
  const {files} = await store.load([[parseRemotePath('sub/file'), 1]]);
  assert.equal(files[0]?.kind, 'file');
  const [name, args] = run.mock.calls[0]?.arguments ?? [];
  assert.equal(name, 'loadFiles');
  const ms = Number(args?.[1]);
  assert.ok(ms <= 20, `${ms} ms`);
});
