import assert from 'node:assert/strict';
import {mkdirSync, renameSync, rmSync, symlinkSync, unlinkSync} from 'node:fs';
import {join} from 'node:path';
import process from 'node:process';
import {type TestContext, test} from 'node:test';
import {pino} from 'pino';
import {JangadaError} from '../../../protocol/errors.ts';
import {rootPath} from '../../../protocol/remote-path.ts';
import {TokenFolders} from '../../../server/doors/token-folders.ts';
import {noCounts} from '../../../server/metrics/counts.ts';
import {openRoot} from '../../../server/roots/open-root.ts';
import {placeInFolder} from '../../../server/roots/place-in-folder.ts';
import {ownLongWork} from '../../../server/waiting/long-work.ts';
import {failCalls} from '../../fixtures/fail-calls.ts';
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

for (const [code, told] of [
  ['EIO', 'busy'],
  ['ESTALE', 'busy'],
  ['ENOTCONN', 'busy'],
  ['EMFILE', 'busy'],
  ['EACCES', 'forbidden'],
  ['EPERM', 'forbidden'],
  ['ENOENT', 'not_found'],
  ['ENOTDIR', 'not_found'],
  ['ELOOP', 'not_found'],
  ['ENAMETOOLONG', 'not_found'],
] as const) {
  test(`${code} on the folder of a token is ${told} for its client`, t => {
    const {root} = folders(t);
    failCalls(t, 'realpathSync', code);
    assert.throws(
      () => placeInFolder(root, path('a')),
      (error: JangadaError) => {
        assert.equal(error.code, told);
        assert.match(error.message, /^The folder 'a' of this token /);
        assert.match(String(error.cause), new RegExp(code));
        return true;
      },
    );
  });
}

test('a fault of the disk while the folder of a token is opened passes, and its client learns no path of this machine', t => {
  const {root, served: opened} = served(t);
  const place = opened.placeOf(path('a'));
  for (const [code, told] of [
    ['EIO', 'busy'],
    ['EACCES', 'forbidden'],
  ] as const) {
    const end = failCalls(t, 'openSync', code);
    assert.throws(
      () => opened.open(place),
      (error: JangadaError) => {
        assert.equal(error.code, told);
        assert.ok(!error.message.includes(root), error.message);
        return true;
      },
    );
    end();
  }
});

/** A root whose folders are what the test says: `identity` is that of the folder at each path. */
function falseRoot() {
  const store = new MemoryStore();
  const identity = {now: '1'};
  const opened: Array<MemoryStore & {closed: number}> = [];
  const folders = new TokenFolders({
    store,
    placeOf: folder => ({
      path: folder === 'link' ? '/real/a' : `/real/${folder}`,
      below: folder,
      identity: identity.now,
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
  const closed = () => opened.map(below => below.closed);
  return {closed, folders, identity, opened, store};
}

test('before the folder of a token is opened, a disk that may be slow is asked in another thread', async () => {
  const {folders, store} = falseRoot();
  const reached = Promise.withResolvers<void>();
  Object.assign(store, {slow: false, reach: () => reached.promise});
  assert.equal(folders.ready(path('a')), undefined);
  Object.assign(store, {slow: true});
  assert.equal(folders.ready(path('')), undefined, 'the root is open');
  const ready = folders.ready(path('a'));
  assert.ok(ready !== undefined);
  reached.reject(new JangadaError('internal', 'EIO: /on/this/machine'));
  await assert.rejects(ready, (error: JangadaError) => {
    assert.deepEqual([error.code, error.message.includes('/on/this')], ['busy', false]);
    return true;
  });
});

test('all tokens of a folder share one store, which ends with the server, and one for the root has its store', async () => {
  const {closed, folders, opened, store} = falseRoot();
  const storeFor = (folder: string) => folders.storeFor(path(folder)).store;
  assert.equal(storeFor(''), store);
  assert.equal(storeFor('a'), opened[0]);
  assert.equal(storeFor('a'), opened[0]);
  assert.equal(storeFor('link'), opened[0]);
  assert.equal(storeFor('b'), opened[1]);
  await folders.close();
  assert.deepEqual(closed(), [1, 1]);
});

test('the store of a folder that was replaced closes with its last connection, and that of the new folder stays', async () => {
  const {closed, folders, identity, opened} = falseRoot();
  const first = folders.storeFor(path('a'));
  const second = folders.storeFor(path('a'));
  first.leave();
  // Leaving twice counts once.
  first.leave();
  identity.now = '2';
  const third = folders.storeFor(path('a'));
  assert.equal(third.store, opened[1]);
  assert.deepEqual(closed(), [0, 0]);
  second.leave();
  assert.deepEqual(closed(), [1, 0]);
  third.leave();
  assert.deepEqual(closed(), [1, 0], 'a later connection would get it');
  identity.now = '3';
  folders.storeFor(path('a'));
  assert.deepEqual(closed(), [1, 1, 0]);
  await folders.close();
  assert.deepEqual(closed(), [1, 1, 1]);
});

test('a folder that comes back while connections use its store keeps this store', async () => {
  const {closed, folders, identity, opened} = falseRoot();
  const first = folders.storeFor(path('a'));
  identity.now = '2';
  folders.storeFor(path('a')).leave();
  identity.now = '1';
  assert.equal(folders.storeFor(path('a')).store, opened[0]);
  first.leave();
  assert.deepEqual(closed(), [0, 1]);
  await folders.close();
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
    const {leave, store} = stores.storeFor(path(folder));
    const pages = await Array.fromAsync(store.list(rootPath, signal));
    leave();
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
  assert.equal((await before.store.stat(path('b'))).type, 'folder');
  rmSync(join(root, 'a'), {recursive: true});
  renameSync(join(root, 'old'), join(root, 'a'));
  assert.deepEqual(await names('a'), ['b']);
  assert.equal(stores.storeFor(path('a')).store, before.store);
});

test('a server keeps no descriptor of a folder that was replaced and that nobody uses', {
  skip: process.platform === 'linux' ? false : 'only Linux shows the descriptors',
}, async t => {
  const {names, outside, root, stores} = served(t);
  await names('a');
  const before = openUnder(outside);
  for (let round = 0; round < 3; round++) {
    renameSync(join(root, 'a'), join(outside, `old-${round}`));
    mkdirSync(join(root, 'a'));
    await names('a');
  }

  await stores.close();
  assert.equal(openUnder(outside), before - 1);
});

test('a folder that becomes a link after it was checked is not opened', async t => {
  const {outside, root, served: opened} = served(t);
  const before = openUnder(outside);
  const replaced = {code: 'busy', message: /^The folder of this token was just replaced/};
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
