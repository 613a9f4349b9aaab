/** A database of digests while other processes hold it or replace it. */
import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import fs, {existsSync, renameSync, writeFileSync} from 'node:fs';
import {syncBuiltinESMExports} from 'node:module';
import {join} from 'node:path';
import {DatabaseSync} from 'node:sqlite';
import {type TestContext, test} from 'node:test';
import type {SectionKey} from '../../../../server/indexes/shelves/section-bytes.ts';
import {SqliteShelf} from '../../../../server/indexes/shelves/sqlite-shelf.ts';
import {temporaryFolder} from '../../../fixtures/harness.ts';

const key: SectionKey = {
  file: {path: 'file', state: 's', size: 8_388_608, algorithm: 'sha256'},
  section: 0,
};
const runs = [{first: 0, digests: Buffer.alloc(32, 7)}];

function database(t: TestContext) {
  const folder = temporaryFolder(t);
  const file = join(folder, 'digests.sqlite');
  const open = () => {
    const shelf = new SqliteShelf(file);
    t.after(() => shelf.close());
    return shelf;
  };
  return {file, folder, open};
}

test('the first use of digests on a day works, also while another process holds the database', t => {
  t.mock.timers.enable({apis: ['Date'], now: 1_700_000_000_000});
  const {file, open} = database(t);
  const shelf = open();
  shelf.save([{key, runs}]);
  t.mock.timers.tick(86_400_000);
  const holder = new DatabaseSync(file);
  t.after(() => holder.close());
  holder.exec('BEGIN IMMEDIATE');
  assert.deepEqual(shelf.load(key), runs);
});

test('a database with which another server has replaced a damaged one is not removed', t => {
  const {file, folder, open} = database(t);
  const first = open();
  first.save([{key, runs}]);
  first.close();
  const good = join(folder, 'good');
  renameSync(file, good);
  writeFileSync(file, 'no shelf at all\n'.repeat(1000));
  // This is called when the damaged file is open but not yet read.
  const chmod = fs.chmodSync;
  t.mock.method(fs, 'chmodSync', (path: string, mode: number) => {
    if (existsSync(good)) {
      renameSync(good, file);
    }

    chmod(path, mode);
  });
  syncBuiltinESMExports();
  t.after(() => {
    t.mock.restoreAll();
    syncBuiltinESMExports();
  });
  assert.deepEqual(open().load(key), runs);
});

test('a save that fails leaves no lock behind, and nothing of it is kept', t => {
  const {open} = database(t);
  const [one, other] = [open(), open()];
  one.save([{key, runs}]);
  const late = {...key, section: 1};
  const broken = {
    key,
    get runs(): typeof runs {
      throw new RangeError('of the second section');
    },
  };
  const sections = [{key: {file: {...key.file, path: 'first'}, section: 0}, runs}, broken];
  assert.throws(() => one.save(sections), RangeError);
  assert.deepEqual(one.load(sections[0]?.key ?? late), []);
  other.save([{key, runs: [{first: 1, digests: Buffer.alloc(32, 8)}]}]);
  one.save([{key, runs: [{first: 2, digests: Buffer.alloc(32, 9)}]}]);
  assert.deepEqual(
    other.load(key).map(({first, digests}) => [first, digests.length]),
    [[0, 96]],
  );
});
