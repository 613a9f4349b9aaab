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
import {temporaryFolder} from '../../../fixtures/harness.ts';
import {openUnder, until} from '../../../fixtures/server/server-folder.ts';

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

test('small files are read in one turn for a moment only, because everybody waits', async t => {
  const root = temporaryFolder(t);
  const wanted = ['a', 'b', 'c'].map(name => {
    writeFileSync(join(root, name), name);
    return [parseRemotePath(name), 1] as const;
  });
  const store = new FolderStore(root, {hashThreads: 1, maskMs: 1000, remote: false});
  t.after(() => store.close());
  let nowMs = 0;
  t.mock.method(performance, 'now', () => {
    nowMs += 3;
    return nowMs;
  });
  assert.equal((await store.load(wanted)).files.length, 1);
});

for (const remote of [false, true]) {
  test(`a file of a folder for one token has its path in the whole root${remote ? ', from threads' : ''}`, async t => {
    const root = temporaryFolder(t);
    writeFileSync(join(root, 'a'), 'x');
    writeFileSync(join(root, 'large'), new Uint8Array(70_000));
    const options = {hashThreads: 1, maskMs: 1000, remote};
    for (const [below, path] of [
      ['sub/deep', 'sub/deep/'],
      ['', ''],
    ] as const) {
      const store = new FolderStore(root, {...options, below});
      for (const name of ['a', 'large']) {
        const file = await store.open(parseRemotePath(name));
        assert.equal(file.path, `${path}${name}`);
        file.close();
      }

      await store.close();
    }
  });

  test(`a store that is closed holds nothing open${remote ? ', from threads' : ''}`, {
    skip: process.platform === 'linux' ? false : 'descriptors are counted in /proc',
  }, async t => {
    const folder = temporaryFolder(t);
    mkdirSync(join(folder, 'root'));
    writeFileSync(join(folder, 'root/large'), new Uint8Array(70_000));
    const store = new FolderStore(join(folder, 'root'), {hashThreads: 1, maskMs: 1000, remote});
    const [one, other] = [parseRemotePath('large'), parseRemotePath('large')];
    const [first, second] = [await store.open(one), await store.open(other)];
    await until(() => openUnder(folder) === 3, 'only the root and its two files are open');
    first.close();
    await until(() => openUnder(folder) === 2, 'the file is closed');
    await store.close();
    // Its client is cut off after the store is closed.
    second.close();
    assert.equal(openUnder(folder), 0);
  });
}
