/** The promises of every shelf on a disk, and those of each kind. */
import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import {spawnSync} from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import {dirname, join, relative} from 'node:path';
import {DatabaseSync} from 'node:sqlite';
import {type TestContext, test} from 'node:test';
import type {BlockingShelf} from '../../../../server/indexes/shelves/blocking-shelf.ts';
import {FolderShelf} from '../../../../server/indexes/shelves/folder-shelf.ts';
import {type SectionKey, sectionName} from '../../../../server/indexes/shelves/section-bytes.ts';
import {SqliteShelf} from '../../../../server/indexes/shelves/sqlite-shelf.ts';
import {temporaryFolder} from '../../../fixtures/harness.ts';

const block = 1_048_576;

function keyOf(path: string, blocks = 8): SectionKey {
  return {file: {path, state: 's', size: blocks * block, algorithm: 'sha256'}, section: 0};
}

/** Digests of these blocks. All bytes of a digest are the number of its block. */
function digestsOf(...blocks: number[]) {
  return blocks.map(number => ({first: number, digests: Buffer.alloc(32, number)}));
}

/** The blocks whose digests the shelf has. This also checks that the digests are right. */
function blocksIn(shelf: BlockingShelf, key: SectionKey): number[] {
  return shelf.load(key).flatMap(({first, digests}) =>
    Array.from({length: digests.length / 32}, (_, at) => {
      assert.deepEqual([...digests.subarray(at * 32, at * 32 + 32)], Array(32).fill(first + at));
      return first + at;
    }),
  );
}

/** Opens several shelves on one disk, as several servers would. */
type Opener = {open(): BlockingShelf; folder: string};

function database(
  t: TestContext,
): Opener & {file: string; open(limitBytes?: number): BlockingShelf} {
  const folder = temporaryFolder(t);
  const file = join(folder, 'below', 'digests.sqlite');
  const open: BlockingShelf[] = [];
  t.after(() => {
    for (const shelf of open) {
      shelf.close();
    }
  });
  return {
    folder,
    file,
    open(limitBytes?: number) {
      const shelf = new SqliteShelf(file, limitBytes);
      open.push(shelf);
      return shelf;
    },
  };
}

function files(t: TestContext): Opener {
  const folder = temporaryFolder(t);
  return {folder, open: () => new FolderShelf(folder)};
}

/** All files below a folder. */
function below(folder: string): string[] {
  return readdirSync(folder, {recursive: true, encoding: 'utf8'})
    .map(name => join(folder, name))
    .filter(path => statSync(path).isFile());
}

for (const [kind, opener] of [
  ['a database', database],
  ['a folder', files],
] as const) {
  test(`${kind}: every server loads what any of them has saved, also after they were closed`, t => {
    const {open} = opener(t);
    const [one, two] = [open(), open()];
    assert.deepEqual(blocksIn(one, keyOf('file')), []);
    one.save([{key: keyOf('file'), runs: digestsOf(0, 1)}]);
    two.save([{key: keyOf('file'), runs: digestsOf(1, 5)}]);
    one.save([
      {key: keyOf('file'), runs: digestsOf(7)},
      {key: keyOf('other'), runs: digestsOf(2)},
    ]);
    assert.deepEqual(blocksIn(two, keyOf('file')), [0, 1, 5, 7]);
    one.close();
    two.close();
    const later = open();
    assert.deepEqual(blocksIn(later, keyOf('file')), [0, 1, 5, 7]);
    assert.deepEqual(blocksIn(later, keyOf('other')), [2]);
    later.save([{key: keyOf('file'), runs: digestsOf(0, 1, 2, 3, 4, 5, 6, 7)}]);
    assert.deepEqual(blocksIn(open(), keyOf('file')), [0, 1, 2, 3, 4, 5, 6, 7]);
  });

  test(`${kind}: only its user can read it, and it has no paths in it`, t => {
    const {folder, open} = opener(t);
    const shelf = open();
    shelf.save([{key: keyOf('a secret name'), runs: digestsOf(0)}]);
    const paths = below(folder);
    assert.ok(paths.length > 0);
    for (const path of paths) {
      assert.equal(statSync(path).mode & 0o777, 0o600, path);
      assert.equal(readFileSync(path).includes('secret'), false);
    }

    const above = readdirSync(folder).map(name => statSync(join(folder, name)));
    assert.deepEqual(new Set(above.map(({mode}) => mode & 0o777)), new Set([0o700]));
  });

  test(`${kind}: damage anywhere is noticed, and digests that are saved afterwards can be loaded`, t => {
    const {folder, open} = opener(t);
    const first = open();
    first.save([{key: keyOf('file'), runs: digestsOf(0, 1, 2)}]);
    first.close();
    for (const damage of ['zeros', 'half', 'nothing', 'text'] as const) {
      for (const path of below(folder)) {
        const bytes = readFileSync(path);
        const half = bytes.length >> 1;
        const damaged = {
          zeros: Buffer.concat([bytes.subarray(0, half), Buffer.alloc(half)]),
          half: bytes.subarray(0, half),
          nothing: Buffer.alloc(0),
          text: Buffer.from('no shelf at all\n'.repeat(1000)),
        };
        writeFileSync(path, damaged[damage]);
      }

      const shelf = open();
      assert.deepEqual(blocksIn(shelf, keyOf('file')), [], damage);
      shelf.save([{key: keyOf('file'), runs: digestsOf(3, 4)}]);
      shelf.close();
      const later = open();
      assert.deepEqual(blocksIn(later, keyOf('file')), [3, 4], damage);
      later.close();
    }
  });
}

test('a database stays within its limit, and drops what was last used on the earliest day first', t => {
  t.mock.timers.enable({apis: ['Date'], now: 1_700_000_000_000});
  const {file, open} = database(t);
  const limit = 400_000;
  const shelf = open(limit);
  const blocks = Array.from({length: 250}, (_, at) => at);
  const save = (name: string) => shelf.save([{key: keyOf(name, 300), runs: digestsOf(...blocks)}]);
  save('used');
  save('not used');
  for (let day = 0; day < 100; day++) {
    t.mock.timers.tick(86_400_000);
    assert.equal(blocksIn(shelf, keyOf('used', 300)).length, 250, `day ${day}`);
    save(`file ${day}`);
  }

  assert.equal(shelf.load(keyOf('not used', 300)).length, 0);
  assert.equal(shelf.load(keyOf('file 40', 300)).length, 0);
  assert.equal(blocksIn(shelf, keyOf('file 99', 300)).length, 250);
  shelf.close();
  const {size} = statSync(file);
  assert.ok(size > limit * 0.8 && size < limit * 1.2, `${size} bytes`);
});

test('a folder is swept as it fills, and drops what was last used longest ago first', t => {
  const folder = temporaryFolder(t);
  // The folder has 256 subfolders. In each there is room for two sections of 8 KB, with their folders.
  const shelf = new FolderShelf(folder, {limitBytes: 256 * 32_768, chance: () => 0});
  const blocks = Array.from({length: 250}, (_, at) => at);
  const keys = Array.from({length: 2000}, (_, at) => keyOf(`file ${at}`, 300));
  const room = keys.filter(key => sectionName(key).startsWith('5e')).slice(0, 5);
  assert.equal(room.length, 5);
  for (const [index, key] of room.entries()) {
    shelf.save([{key, runs: digestsOf(...blocks)}]);
    const [path = ''] = below(folder).filter(path => path.includes(sectionName(key).slice(2)));
    const daysAgo = [0.1, 3, 5, 0.2, 0][index] ?? 0;
    utimesSync(path, Date.now() / 1000 - daysAgo * 86_400, Date.now() / 1000 - daysAgo * 86_400);
    if (index === 1) {
      // This use makes it newer than three days.
      shelf.load(key);
    }
  }

  const left = room.map(key => shelf.load(key).length > 0);
  assert.deepEqual(left, [false, true, false, false, true]);
  assert.equal(below(folder).length, 2);
  assert.equal(readdirSync(join(folder, '5e')).length, 2);
});

test('a database of another version of the program is made anew', t => {
  const {file, open} = database(t);
  const first = open();
  first.save([{key: keyOf('file'), runs: digestsOf(0)}]);
  first.close();
  const db = new DatabaseSync(file);
  db.exec('PRAGMA user_version = 77');
  db.close();
  const shelf = open();
  assert.deepEqual(blocksIn(shelf, keyOf('file')), []);
  shelf.save([{key: keyOf('file'), runs: digestsOf(1)}]);
  assert.deepEqual(blocksIn(shelf, keyOf('file')), [1]);
});

test('a database that another process holds can be read, and a save fails with "locked"', t => {
  const {file, open} = database(t);
  const shelf = open();
  shelf.save([{key: keyOf('file'), runs: digestsOf(0)}]);
  const holder = new DatabaseSync(file);
  t.after(() => holder.close());
  holder.exec('BEGIN IMMEDIATE');
  assert.deepEqual(blocksIn(shelf, keyOf('file')), [0]);
  assert.throws(() => shelf.save([{key: keyOf('file'), runs: digestsOf(1)}]), /locked/);
  holder.exec('ROLLBACK');
  shelf.save([{key: keyOf('file'), runs: digestsOf(1)}]);
  assert.deepEqual(blocksIn(shelf, keyOf('file')), [0, 1]);
});

test('a database: a symbolic link with its name is not followed', t => {
  const {file, folder, open} = database(t);
  mkdirSync(join(folder, 'below'));
  writeFileSync(join(folder, 'precious'), 'precious');
  symlinkSync(join(folder, 'precious'), file);
  assert.throws(() => open().load(keyOf('file')), {code: 'unsafe_target'});
  assert.equal(readFileSync(join(folder, 'precious'), 'utf8'), 'precious');
});

test('a folder: digests of files of one block are not saved, and cost no call', t => {
  const {folder, open} = files(t);
  const shelf = open();
  shelf.save([{key: keyOf('file', 1), runs: digestsOf(0)}]);
  assert.deepEqual([blocksIn(shelf, keyOf('file', 1)), readdirSync(folder)], [[], []]);
});

test('a folder: if two servers have all digests, the file of one stays', t => {
  const folder = temporaryFolder(t);
  const writers = ['b', 'a', 'c'].map(
    writer => new FolderShelf(folder, {writer: writer.repeat(16), chance: () => 1}),
  );
  const all = digestsOf(0, 1, 2, 3, 4, 5, 6, 7);
  for (const runs of [digestsOf(1), all, all]) {
    for (const shelf of writers) {
      shelf.save([{key: keyOf('file'), runs}]);
      assert.ok(blocksIn(shelf, keyOf('file')).length >= runs.length);
    }
  }

  writers[1]?.save([{key: keyOf('file'), runs: all}]);
  assert.deepEqual(
    below(folder).map(path => path.slice(-1)),
    ['a'],
  );
});

test('a folder: an unfinished file of a killed server is not read, and is deleted later', t => {
  const folder = temporaryFolder(t);
  const shelf = new FolderShelf(folder, {writer: '1'.repeat(16), chance: () => 0});
  shelf.save([{key: keyOf('file'), runs: digestsOf(1)}]);
  const [whole = ''] = below(folder);
  const left = whole.replace(/1+$/, `${'2'.repeat(16)}.new`);
  writeFileSync(left, readFileSync(whole).subarray(0, 20));
  assert.deepEqual(blocksIn(shelf, keyOf('file')), [1]);
  shelf.save([{key: keyOf('file'), runs: digestsOf(2)}]);
  assert.equal(existsSync(left), true);
  const before = Date.now() / 1000 - 7200;
  utimesSync(left, before, before);
  shelf.save([{key: keyOf('file'), runs: digestsOf(3)}]);
  assert.equal(existsSync(left), false);
  assert.deepEqual(blocksIn(shelf, keyOf('file')), [1, 2, 3]);
});

test('a folder: links, folders, FIFOs and large files are neither read nor waited for', t => {
  const folder = temporaryFolder(t);
  const shelf = new FolderShelf(folder, {writer: '1'.repeat(16), chance: () => 0});
  shelf.save([{key: keyOf('file'), runs: digestsOf(1)}]);
  const [whole = ''] = below(folder);
  symlinkSync('/dev/zero', whole.replace(/1+$/, 'a'.repeat(16)));
  symlinkSync(whole, whole.replace(/1+$/, 'b'.repeat(16)));
  mkdirSync(whole.replace(/1+$/, 'c'.repeat(16)));
  spawnSync('mkfifo', [whole.replace(/1+$/, 'd'.repeat(16))]);
  writeFileSync(whole.replace(/1+$/, 'e'.repeat(16)), Buffer.alloc(1_000_000));
  assert.deepEqual(blocksIn(shelf, keyOf('file')), [1]);
  shelf.save([{key: keyOf('file'), runs: digestsOf(2)}]);
  assert.deepEqual(blocksIn(shelf, keyOf('file')), [1, 2]);
});

test('a folder: a newly computed digest replaces a wrong one of another server', t => {
  const folder = temporaryFolder(t);
  const [first, second] = ['a', 'b'].map(
    writer => new FolderShelf(folder, {writer: writer.repeat(16), chance: () => 1}),
  ) as [FolderShelf, FolderShelf];
  const wrong = {first: 3, digests: Buffer.alloc(32, 99)};
  const key = keyOf('file');
  for (const [bad, good] of [
    [first, second],
    [second, first],
  ] as const) {
    bad.save([{key, runs: [wrong, ...digestsOf(4)]}]);
    // The old file stays older than the new one, although it was used.
    for (const [at, path] of below(folder).entries()) {
      utimesSync(path, at, Date.now() / 1000 - 5 * 86_400);
    }

    good.save([{key, runs: digestsOf(3)}]);
    for (const path of below(folder)) {
      const {mtimeMs} = statSync(path);
      utimesSync(path, mtimeMs / 1000 - 2 * 86_400, mtimeMs / 1000 - 2 * 86_400);
    }

    for (let time = 0; time < 3; time++) {
      assert.deepEqual(blocksIn(new FolderShelf(folder), key), [3, 4]);
    }

    good.save([{key, runs: digestsOf(0, 1, 2, 3, 4, 5, 6, 7)}]);
    assert.equal(below(folder).length, 1);
    assert.deepEqual(blocksIn(bad, key), [0, 1, 2, 3, 4, 5, 6, 7]);
    rmSync(below(folder)[0] ?? '');
  }
});

test('a folder: files of other programs are neither read nor removed', t => {
  const folder = temporaryFolder(t);
  const key = keyOf('file');
  const section = join(sectionName(key).slice(0, 2), sectionName(key).slice(2));
  const room = section.slice(0, 2);
  const theirs = [
    join(room, 'photos', 'a.jpg'),
    join(room, 'photos', '1'.repeat(16)),
    join(room, '.git', 'objects.new'),
    join(section, 'a.jpg'),
    join(section, 'zzz.new'),
    join(section, `${'1'.repeat(16)}.jpg`),
  ];
  for (const path of theirs) {
    mkdirSync(dirname(join(folder, path)), {recursive: true});
    writeFileSync(join(folder, path), 'mine');
    utimesSync(join(folder, path), 1, 1);
  }

  const shelf = new FolderShelf(folder, {limitBytes: 256, chance: () => 0});
  shelf.save([{key, runs: digestsOf(1)}]);
  shelf.save([{key, runs: digestsOf(0, 1, 2, 3, 4, 5, 6, 7)}]);
  const left = below(folder).map(path => relative(folder, path));
  assert.deepEqual(left.toSorted(), theirs.toSorted());
});

test('a folder that cannot be written says why, and a folder that was deleted is made again', t => {
  const folder = join(temporaryFolder(t), 'digests');
  const shelf = new FolderShelf(folder);
  assert.deepEqual(blocksIn(shelf, keyOf('file')), []);
  shelf.save([{key: keyOf('file'), runs: digestsOf(1)}]);
  assert.deepEqual(blocksIn(shelf, keyOf('file')), [1]);
  rmSync(folder, {recursive: true});
  writeFileSync(folder, '');
  assert.throws(() => shelf.save([{key: keyOf('file'), runs: digestsOf(1)}]), /ENOTDIR|EEXIST/);
  rmSync(folder);
  shelf.save([{key: keyOf('file'), runs: digestsOf(2)}]);
  assert.deepEqual(blocksIn(shelf, keyOf('file')), [2]);
});

test('a folder: a section that cannot be saved keeps no other one from being saved', t => {
  const folder = temporaryFolder(t);
  const shelf = new FolderShelf(folder, {chance: () => 1});
  const name = sectionName(keyOf('blocked'));
  mkdirSync(join(folder, name.slice(0, 2)));
  writeFileSync(join(folder, name.slice(0, 2), name.slice(2)), '');
  const sections = ['one', 'blocked', 'two'].map(path => ({key: keyOf(path), runs: digestsOf(1)}));
  assert.throws(() => shelf.save(sections), /ENOTDIR|EEXIST/);
  assert.deepEqual(blocksIn(shelf, keyOf('one')), [1]);
  assert.deepEqual(blocksIn(shelf, keyOf('two')), [1]);
});
