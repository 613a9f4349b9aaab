import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import fs, {
  chmodSync,
  chownSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import {syncBuiltinESMExports} from 'node:module';
import {join} from 'node:path';
import process from 'node:process';
import {type TestContext, test} from 'node:test';
import type {DigestShelf, ShelvedFile} from '../../../../server/indexes/digest-shelf.ts';
import {type DigestsOption, openShelf} from '../../../../server/indexes/shelves/open-shelf.ts';
import {temporaryFolder} from '../../../fixtures/harness.ts';

const block = 1_048_576;
const digest = Buffer.alloc(32, 7);

function fileAt(path: string): ShelvedFile {
  return {path, state: 's', size: 3 * block, algorithm: 'sha256'};
}

/** A folder with a root to serve, a folder for state and a folder for digests. */
function places(t: TestContext) {
  const folder = temporaryFolder(t);
  const [root, state, digests] = ['root', 'state', 'digests'].map(name => join(folder, name));
  mkdirSync(root ?? '');
  return {root: root ?? '', state: state ?? '', digests: digests ?? ''};
}

function opened(
  t: TestContext,
  option: DigestsOption | undefined,
  {root, state}: {root: string; state: string},
): DigestShelf {
  const shelf = openShelf(option, root, {JANGADA_STATE: state});
  t.after(() => shelf?.close());
  return shelf ?? assert.fail('no shelf');
}

async function countOf(shelf: DigestShelf, path: string): Promise<number> {
  const runs = await shelf.load(fileAt(path), 0);
  return runs.reduce((sum, {digests}) => sum + digests.length / 32, 0);
}

test('without an option, all servers of this user share one database, even if one root is inside another', async t => {
  const {root, state} = places(t);
  mkdirSync(join(root, 'photos'));
  symlinkSync(root, `${root}-link`);
  const one = opened(t, undefined, {root, state});
  await one.save(fileAt('photos/a'), 0, [{first: 1, digests: digest}]);
  const others = [
    opened(t, undefined, {root: `${root}-link`, state}),
    opened(t, undefined, {root: join(root, 'photos'), state}),
  ];
  const counts = [
    await countOf(others[0] ?? assert.fail(), 'photos/a'),
    await countOf(others[1] ?? assert.fail(), 'a'),
    await countOf(others[1] ?? assert.fail(), 'photos/a'),
  ];
  assert.deepEqual(counts, [1, 1, 0]);
  assert.ok(readdirSync(state).includes('digests.sqlite'));
  assert.equal(statSync(state).mode & 0o777, 0o700);
});

test('in a folder of digests paths count from the root, wherever the root is', async t => {
  const [here, there] = [places(t), places(t)];
  const option = {kind: 'folder', folder: here.digests} as const;
  await opened(t, option, here).save(fileAt('a'), 0, [{first: 1, digests: digest}]);
  assert.equal(await countOf(opened(t, option, there), 'a'), 1);
  assert.equal(statSync(here.digests).mode & 0o777, 0o700);
});

test('with --digests none there is no shelf', t => {
  const {root, state} = places(t);
  assert.equal(openShelf({kind: 'memory'}, root, {JANGADA_STATE: state}), undefined);
});

test('a folder of digests inside the root is refused, also through a link', t => {
  const {root, state} = places(t);
  symlinkSync(root, `${root}-link`);
  for (const [folder, served] of [
    [join(root, 'digests'), root],
    [root, root],
    [join(`${root}-link`, 'digests'), root],
    [join(root, 'digests'), `${root}-link`],
  ] as const) {
    assert.throws(() => openShelf({kind: 'folder', folder}, served, {JANGADA_STATE: state}), {
      code: 'usage',
      message: /outside of it/,
    });
    assert.deepEqual(readdirSync(root), []);
  }
});

test('a folder of digests that others can write to, or that is not a folder, is refused with a reason', t => {
  const {root, state, digests} = places(t);
  const open = (folder: string) =>
    openShelf({kind: 'folder', folder}, root, {JANGADA_STATE: state});
  if (process.platform !== 'win32') {
    mkdirSync(digests);
    for (const mode of [0o770, 0o707, 0o720, 0o702]) {
      chmodSync(digests, mode);
      assert.throws(() => open(digests), {code: 'usage', message: /chmod go-w/});
    }

    chmodSync(digests, 0o755);
    open(digests)?.close();
  }

  assert.throws(() => open(join(digests, 'not', 'there')), {code: 'local_io', message: /ENOENT/});
  writeFileSync(`${digests}-file`, '');
  assert.throws(() => open(`${digests}-file`), {code: 'local_io', message: /ENOTDIR/});
});

test('a folder of digests that belongs to another user is refused', {
  skip: process.getuid?.() === 0 ? false : 'only root can give a folder to somebody else',
}, t => {
  const {root, state, digests} = places(t);
  mkdirSync(digests, {mode: 0o755});
  chownSync(digests, 12_345, 12_345);
  const open = () => openShelf({kind: 'folder', folder: digests}, root, {JANGADA_STATE: state});
  assert.throws(open, {code: 'usage', message: /belongs to another user/});
  chownSync(digests, 0, 12_345);
  open()?.close();
});

test('a shelf whose thread cannot open its files says why, and works as soon as it can', async t => {
  const {root, state} = places(t);
  writeFileSync(state, 'no folder');
  const shelf = opened(t, undefined, {root, state});
  await assert.rejects(async () => shelf.load(fileAt('a'), 0), /ENOTDIR|EEXIST|not a directory/i);
  await assert.rejects(
    async () => shelf.save(fileAt('a'), 0, [{first: 0, digests: digest}]),
    /ENOTDIR|EEXIST|not a directory/i,
  );
  rmSync(state);
  await shelf.save(fileAt('a'), 0, [{first: 0, digests: digest}]);
  assert.equal(await countOf(shelf, 'a'), 1);
});

test('calls after the end of a shelf fail, and do not start it again', async t => {
  const shelf = opened(t, undefined, places(t));
  await shelf.save(fileAt('a'), 0, [{first: 0, digests: digest}]);
  await shelf.close();
  await assert.rejects(async () => shelf.load(fileAt('a'), 0), {code: 'aborted'});
});

test('where the folder for state is on a network disk, digests are kept in files, without locks', {
  skip: process.platform === 'linux' ? false : 'only Linux tells the kind of a disk',
}, async t => {
  const {root, state} = places(t);
  const {statfsSync} = fs;
  const remote = (path: fs.PathLike) => Object.assign(statfsSync(path), {type: 0x6969});
  fs.statfsSync = remote as typeof statfsSync;
  syncBuiltinESMExports();
  t.after(() => {
    fs.statfsSync = statfsSync;
    syncBuiltinESMExports();
  });
  const shelf = opened(t, undefined, {root, state});
  await shelf.save(fileAt('a'), 0, [{first: 1, digests: digest}]);
  assert.deepEqual(readdirSync(state), ['digests']);
  // The paths of two roots are different ones there, too.
  const other = opened(t, undefined, {root: join(root, '..'), state});
  assert.equal(await countOf(other, 'root/a'), 1);
  assert.equal(await countOf(other, 'a'), 0);
});
