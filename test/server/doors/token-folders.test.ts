import assert from 'node:assert/strict';
import {mkdirSync, symlinkSync} from 'node:fs';
import {join} from 'node:path';
import {type TestContext, test} from 'node:test';
import {TokenFolders} from '../../../server/doors/token-folders.ts';
import {placeInFolder} from '../../../server/roots/place-in-folder.ts';
import {path, temporaryFolder} from '../../fixtures/harness.ts';
import {MemoryStore} from '../../fixtures/server/memory-store.ts';

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
    placeOf: folder => ({path: folder === 'link' ? '/real/a' : `/real/${folder}`, below: folder}),
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
