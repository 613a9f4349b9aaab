import assert from 'node:assert/strict';
import {mkdirSync, statSync, symlinkSync, utimesSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {TargetFolders} from '../../../../source/transfers/disk/folders/target-folders.ts';
import {
  areTaken,
  filesAt,
  findConflicts,
} from '../../../../source/transfers/download/find-conflicts.ts';
import {stateOf} from '../../../../source/transfers/terms/file-state.ts';
import {openBelow} from '../../../fixtures/descriptors.ts';
import {path, temporaryFolder} from '../../../fixtures/harness.ts';
import {cannotRecord} from '../../../fixtures/record-disk.ts';

for (const count of [1, 100]) {
  test(`existing files with the names of wanted files are found, ${count} in each folder`, async t => {
    const folder = temporaryFolder(t);
    mkdirSync(join(folder, 'd/a folder'), {recursive: true});
    mkdirSync(join(folder, 'empty'));
    writeFileSync(join(folder, 'd/ä'), 'a name that is no plain one');
    symlinkSync('ä', join(folder, 'd/link'));
    const names = Array.from({length: count}, (_, index) => `d/f${index}`);
    for (const name of names) {
      writeFileSync(join(folder, name), name);
      utimesSync(join(folder, name), 1_700_000_000, 1_700_000_000);
    }

    const others = ['d/ä', 'd/link', 'd/a folder', 'd/none', '../f0', 'd/f0/below'];
    const places = [
      ...[...names, ...others, ...names.map(name => name.replace('d/', 'empty/'))],
      ...names.map(name => name.replace('d/', 'not there/')),
    ].map(localPath => ({folder, localPath}));
    using targets = new TargetFolders();
    const target = (at: string) => targets.at(at);
    const taken = await areTaken(places, target);
    const there = new Set([...names, 'd/ä']);
    assert.deepEqual(
      taken,
      places.map(({localPath}) => there.has(localPath)),
    );
    const files = await filesAt(places, target);
    assert.deepEqual(
      files.map(file => file !== undefined),
      taken,
    );
    assert.deepEqual(files[0], {size: 4, mtimeMs: 1_700_000_000_000});
    const conflicts = await findConflicts(
      places.map(place => ({...place, remotePath: path('x'), onConflict: 'skip'})),
      target,
    );
    assert.deepEqual(
      conflicts.map(conflict => conflict.transfer.localPath),
      [...there],
    );
    assert.equal(conflicts[0]?.freeName, 'f0 (2)');
    assert.equal(conflicts[0]?.path, join(folder, 'd/f0'));
  });
}

test('a file in the way is known by its size, its time and its state, and by the next name that is free', async t => {
  const folder = temporaryFolder(t);
  mkdirSync(join(folder, 'd'));
  const place = join(folder, 'd/a.txt');
  writeFileSync(place, 'here');
  writeFileSync(join(folder, 'd/a (2).txt'), '');
  utimesSync(place, 1_700_000_000, 1_700_000_000.25);
  using targets = new TargetFolders();
  const transfer = {
    folder,
    localPath: 'd/a.txt',
    remotePath: path('x'),
    onConflict: 'fail',
  } as const;
  const [conflict] = await findConflicts([transfer], at => targets.at(at));
  assert.deepEqual(conflict, {
    ...{transfer, path: place, size: 4, mtimeMs: 1_700_000_000_250, freeName: 'a (3).txt'},
    state: stateOf(statSync(place, {bigint: true})),
  });
});

test('many places are looked at with turns for other work between them, and no folder stays open', {
  skip: cannotRecord,
}, async t => {
  const folder = temporaryFolder(t);
  for (const name of ['d', 'e']) {
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, 'f7'), '');
  }

  const places = Array.from({length: 1200}, (_, index) => ({
    ...{folder, localPath: `${index % 2 === 0 ? 'd' : 'e'}/f${index % 40}`},
  }));
  let turns = 0;
  const count = () => {
    turns++;
    immediate = setImmediate(count);
  };
  let immediate = setImmediate(count);
  const targets = new TargetFolders();
  const target = targets.at(folder);
  const openExisting = target.openExisting.bind(target);
  const releases: Array<{readonly mock: {callCount(): number}}> = [];
  t.mock.method(target, 'openExisting', (names: readonly string[]) => {
    const open = openExisting(names);
    if (open !== undefined) {
      releases.push(t.mock.method(open, 'release'));
    }

    return open;
  });
  const taken = await areTaken(places, at => targets.at(at));
  clearImmediate(immediate);
  assert.ok(turns >= 2, `${turns} turns`);
  assert.equal(taken.filter(Boolean).length, 30);
  assert.ok(releases.length > 0);
  assert.ok(releases.every(({mock}) => mock.callCount() === 1));
  targets[Symbol.dispose]();
  assert.deepEqual(openBelow(folder), []);
});
