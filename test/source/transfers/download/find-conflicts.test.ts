import assert from 'node:assert/strict';
import {mkdirSync, symlinkSync, utimesSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {TargetFolders} from '../../../../source/transfers/disk/folders/target-folders.ts';
import {
  areTaken,
  filesAt,
  findConflicts,
} from '../../../../source/transfers/download/find-conflicts.ts';
import {path, temporaryFolder} from '../../../fixtures/harness.ts';

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
