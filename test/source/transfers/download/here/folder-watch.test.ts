import assert from 'node:assert/strict';
import {mkdirSync, rmdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {type TestContext, test} from 'node:test';
import {FolderWatch} from '../../../../../source/transfers/download/here/folder-watch.ts';
import {temporaryFolder, until} from '../../../../fixtures/harness.ts';

const place = (folder: string) => ({folder, localPath: 'x'});

function startWatch(t: TestContext) {
  const heard = {count: 0};
  const watch = new FolderWatch(() => heard.count++);
  t.after(() => watch.close());
  return {watch, heard};
}

test('a change in a watched folder is reported, and a change in a folder that is no longer watched is not', async t => {
  const first = temporaryFolder(t);
  const second = temporaryFolder(t);
  const {watch, heard} = startWatch(t);
  watch.places = [place(first), place(second), place(join(first, 'none'))];
  // The begin of each watch is reported, too.
  await until(() => heard.count === 2);
  writeFileSync(join(first, 'a'), '');
  await until(() => heard.count > 2);
  watch.places = [place(second)];
  await new Promise(setImmediate);
  const before = heard.count;
  writeFileSync(join(first, 'late'), '');
  await new Promise(setImmediate);
  assert.equal(heard.count, before);
  writeFileSync(join(second, 'c'), '');
  await until(() => heard.count > before);
});

test('a folder that is made later is watched from the next request on', async t => {
  const folder = join(temporaryFolder(t), 'later');
  const {watch, heard} = startWatch(t);
  watch.places = [place(folder)];
  mkdirSync(folder);
  await until(() => {
    watch.places = [place(folder)];
    return heard.count > 0;
  });
  const before = heard.count;
  writeFileSync(join(folder, 'a'), '');
  await until(() => heard.count > before);
});

test('a folder that is removed and made again is watched from the next request on', async t => {
  const folder = join(temporaryFolder(t), 'again');
  mkdirSync(folder);
  const {watch, heard} = startWatch(t);
  watch.places = [place(folder)];
  await until(() => heard.count === 1);
  rmdirSync(folder);
  await until(() => heard.count > 1);
  mkdirSync(folder);
  const gone = heard.count;
  await until(() => {
    watch.places = [place(folder)];
    return heard.count > gone;
  });
  const before = heard.count;
  writeFileSync(join(folder, 'a'), '');
  await until(() => heard.count > before);
});
