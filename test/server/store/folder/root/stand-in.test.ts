import assert from 'node:assert/strict';
import {existsSync, mkdirSync, rmdirSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {afterEach, suite, test} from 'node:test';
import {standIn} from '../../../../../server/store/folder/root/stand-in.ts';
import {temporaryFolder} from '../../../../fixtures/harness.ts';

suite('looking at names from inside their folder', () => {
  const own = process.cwd();
  afterEach(() => process.chdir(own));

  test('a program that has left its own folder stands in it, and is back afterwards', context => {
    const folder = temporaryFolder(context);
    writeFileSync(path.join(folder, 'a'), '');
    process.chdir('/');
    const seen = standIn(folder, place => [place, existsSync(`${place}/a`), process.cwd()]);
    assert.deepEqual(seen, ['.', true, folder]);
    assert.equal(process.cwd(), '/');
  });

  test('an error of the work leaves it where it was', context => {
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

  test('a program that stands in a folder of its own stays there', context => {
    const folder = temporaryFolder(context);
    assert.deepEqual(
      standIn(folder, place => [place, process.cwd()]),
      [folder, own],
    );
  });

  test('of a folder that cannot be entered the work tells the error', context => {
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
