import assert from 'node:assert/strict';
import {lstatSync, readdirSync, readFileSync, renameSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import process from 'node:process';
import {test} from 'node:test';
import {isJangadaError} from '../../../../protocol/errors.ts';
import {TargetFolder} from '../../../../source/transfers/disk/folders/target-folder.ts';
import {PartialFile} from '../../../../source/transfers/disk/partial-file.ts';
import {stateOf} from '../../../../source/transfers/terms/file-state.ts';
import {temporaryFolder} from '../../../fixtures/harness.ts';

test('a partial file that another transfer writes is refused, and no descriptor of it stays open', {
  skip: process.platform === 'linux' ? false : 'descriptors are counted on Linux alone',
}, t => {
  using target = new TargetFolder(temporaryFolder(t));
  const folder = target.open([]);
  t.after(() => folder.release());
  const partial = new PartialFile(folder, 'a');
  t.after(() => partial.close());
  const before = readdirSync('/proc/self/fd').length;
  for (let attempt = 0; attempt < 3; attempt++) {
    assert.throws(
      () => new PartialFile(folder, 'a'),
      error => isJangadaError(error, 'locked'),
    );
  }

  assert.equal(readdirSync('/proc/self/fd').length, before);
});

test('discarding a partial file does not remove another file that now has its name', t => {
  const path = temporaryFolder(t);
  using target = new TargetFolder(path);
  const folder = target.open([]);
  t.after(() => folder.release());
  const partial = new PartialFile(folder, 'a');
  renameSync(partial.path, join(path, 'moved away'));
  writeFileSync(partial.path, 'other');
  partial.discard();
  assert.equal(readFileSync(partial.path, 'utf8'), 'other');
  const next = new PartialFile(folder, 'b');
  next.discard();
  assert.deepEqual(readdirSync(path).sort(), ['a.jangada-part', 'moved away']);
});

test('a partial file that another program changes after its last check has no state to remember', t => {
  using target = new TargetFolder(temporaryFolder(t));
  const folder = target.open([]);
  t.after(() => folder.release());
  for (const isTouched of [false, true]) {
    const name = isTouched ? 'touched' : 'alone';
    const partial = new PartialFile(folder, name);
    writeFileSync(partial.path, 'right');
    partial.setTime(1_600_000_000_250);
    if (isTouched) {
      // Of the same size as before.
      writeFileSync(partial.path, 'wrong');
    }

    const state = partial.rename({overwrite: false});
    const stats = lstatSync(join(folder.path, name), {bigint: true});
    assert.equal(state, isTouched ? undefined : stateOf(stats), name);
  }
});
