import assert from 'node:assert/strict';
import {mkdirSync, renameSync, rmSync, symlinkSync, unlinkSync} from 'node:fs';
import {join} from 'node:path';
import {type TestContext, test} from 'node:test';
import {pino} from 'pino';
import {rootPath} from '../../../protocol/remote-path.ts';
import {TokenFolders} from '../../../server/doors/token-folders.ts';
import {noCounts} from '../../../server/metrics/counts.ts';
import {openRoot} from '../../../server/roots/open-root.ts';
import {placeInFolder} from '../../../server/roots/place-in-folder.ts';
import {ownLongWork} from '../../../server/waiting/long-work.ts';
import {path, temporaryFolder} from '../../fixtures/harness.ts';
import {MemoryStore} from '../../fixtures/server/memory-store.ts';
import {openUnder} from '../../fixtures/server/server-folder.ts';

function folders(t: TestContext): {outside: string; root: string} {
  const outside = temporaryFolder(t);
  const root = join(outside, 'root');
  mkdirSync(join(root, 'a/b'), {recursive: true});
  mkdirSync(join(outside, 'root-not'));
  symlinkSync('a/b', join(root, 'link'));
  symlinkSync('../root-not', join(root, 'beside'));
  symlinkSync('.', join(root, 'same'));
  return {outside, root};
}

test('the folder of a token is below the root, under its real name', t => {
  const {root} = folders(t);
  const real = placeInFolder(root, path('a/b'));
  assert.equal(real.below, 'a/b');
  assert.deepEqual(placeInFolder(root, path('link')), real);
  assert.equal(placeInFolder('/', path(root.slice(1))).below, root.slice(1));
});

test('a folder that a link puts beside the root is none of a token', t => {
  const {root} = folders(t);
  for (const folder of ['beside', 'none', 'same']) {
    assert.throws(() => placeInFolder(root, path(folder)), {
      code: 'not_found',
      message: `The folder '${folder}' of this token does not exist`,
    });
  }
});

test('all tokens of a folder share one store, which ends with the server, and one for the root has its store', async () => {
  const store = new MemoryStore();
  const opened: Array<MemoryStore & {closed: number}> = [];
  const folders = new TokenFolders({
    store,
    placeOf: folder => ({
      ...{path: folder === 'link' ? '/real/a' : `/real/${folder}`, below: folder, identity: '1'},
    }),
    open() {
      const below = Object.assign(new MemoryStore(), {closed: 0});
      below.close = () => {
        below.closed++;
      };
      opened.push(below);
      return below;
    },
    async check() {},
    async close() {},
  });
  assert.equal(folders.storeFor(path('')), store);
  assert.equal(folders.storeFor(path('a')), opened[0]);
  assert.equal(folders.storeFor(path('a')), opened[0]);
  assert.equal(folders.storeFor(path('link')), opened[0]);
  assert.equal(folders.storeFor(path('b')), opened[1]);
  await folders.close();
  assert.deepEqual(
    opened.map(({closed}) => closed),
    [1, 1],
  );
});

/** A root on disk, and the stores of the folders of tokens in it. */
function served(t: TestContext) {
  const {outside, root} = folders(t);
  const served = openRoot(
    {root},
    {
      ...{longWork: ownLongWork(), processes: 1, maskMs: 1000, counts: noCounts()},
      logger: pino({level: 'silent'}),
    },
  );
  const stores = new TokenFolders(served);
  t.after(async () => {
    await stores.close();
    await served.close();
  });
  const names = async (folder: string) => {
    const {signal} = new AbortController();
    const pages = await Array.fromAsync(stores.storeFor(path(folder)).list(rootPath, signal));
    return pages.flat().map(({name}) => name);
  };
  return {outside, root, served, stores, names};
}

test('a folder that was replaced or moved is served as it is now, and connections keep the one that they have', async t => {
  const {names, root, stores} = served(t);
  const before = stores.storeFor(path('a'));
  assert.deepEqual(await names('a'), ['b']);
  renameSync(join(root, 'a'), join(root, 'old'));
  mkdirSync(join(root, 'a/new'), {recursive: true});
  assert.deepEqual(await names('a'), ['new']);
  assert.deepEqual(await names('old'), ['b']);
  assert.equal((await before.stat(path('b'))).type, 'folder');
  rmSync(join(root, 'a'), {recursive: true});
  renameSync(join(root, 'old'), join(root, 'a'));
  assert.deepEqual(await names('a'), ['b']);
  assert.equal(stores.storeFor(path('a')), before);
});

test('a folder that becomes a link after it was checked is not opened', async t => {
  const {outside, root, served: opened} = served(t);
  const before = openUnder(outside);
  const replaced = {code: 'not_found', message: /^The folder of this token was just replaced/};
  for (const [parent, folder] of [
    ['a', 'a'],
    ['a', 'a/b'],
  ] as const) {
    const place = opened.placeOf(path(folder));
    renameSync(join(root, parent), join(outside, 'kept'));
    // The same folder, so that only its place differs.
    symlinkSync(join(outside, 'kept'), join(root, parent));
    assert.throws(() => opened.open(place), replaced);
    unlinkSync(join(root, parent));
    assert.throws(() => opened.open(place), replaced);
    mkdirSync(join(root, folder), {recursive: true});
    assert.throws(() => opened.open(place), replaced);
    rmSync(join(root, parent), {recursive: true});
    renameSync(join(outside, 'kept'), join(root, parent));
    await opened.open(place).close();
    assert.equal(openUnder(outside), before);
  }
});
