import assert from 'node:assert/strict';
import {existsSync, mkdirSync, rmdirSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {afterEach, suite, test} from 'node:test';
import {standIn} from '../../../../../server/store/folder/root/stand-in.ts';
import {temporaryFolder} from '../../../../fixtures/harness.ts';

suite('looking at names from inside their folder', () => {
  const own = process.cwd();
  afterEach(() => process.chdir(own));

  test('a program whose current folder is the root changes to the folder, and back afterwards', context => {
    const folder = temporaryFolder(context);
    writeFileSync(path.join(folder, 'a'), '');
    process.chdir('/');
    const seen = standIn(folder, place => [place, existsSync(`${place}/a`), process.cwd()]);
    assert.deepEqual(seen, ['.', true, folder]);
    assert.equal(process.cwd(), '/');
  });

  test('after an error of the work the current folder is as before', context => {
    const folder = temporaryFolder(context);
    process.chdir('/');
    assert.throws(
      () =>
        standIn(folder, () => {
          throw new RangeError('of the work');
        }),
      RangeError,
    );
    assert.equal(process.cwd(), '/');
  });

  test('a program with another current folder stays there', context => {
    const folder = temporaryFolder(context);
    assert.deepEqual(
      standIn(folder, place => [place, process.cwd()]),
      [folder, own],
    );
  });

  test('if the folder cannot be entered, the work gets its path, and so reports the error', context => {
    const gone = path.join(temporaryFolder(context), 'gone');
    mkdirSync(gone);
    rmdirSync(gone);
    process.chdir('/');
    assert.equal(
      standIn(gone, place => place),
      gone,
    );
  });
});
