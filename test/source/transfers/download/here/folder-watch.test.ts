import assert from 'node:assert/strict';
import {mkdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {FolderWatch} from '../../../../../source/transfers/download/here/folder-watch.ts';
import {temporaryFolder, until} from '../../../../fixtures/harness.ts';

test('a change in a watched folder is heard of, and none in one that is not watched any more', async t => {
  const first = temporaryFolder(t);
  const second = temporaryFolder(t);
  const heard: Array<string | undefined> = [];
  const watch = new FolderWatch(name => heard.push(name));
  t.after(() => watch.close());
  watch.folders = [first, second, join(first, 'none')];
  // When the system has begun to watch is not told: written until it is heard of.
  let count = 0;
  await until(() => {
    writeFileSync(join(first, 'a'), String(count++));
    writeFileSync(join(second, 'b'), String(count++));
    return heard.includes('a') && heard.includes('b');
  });
  watch.folders = [second];
  heard.length = 0;
  writeFileSync(join(first, 'late'), '');
  writeFileSync(join(second, 'c'), '');
  await until(() => heard.includes('c'));
  assert.ok(!heard.includes('late'));
});

test('a folder that is made later is watched when it is asked for again', async t => {
  const folder = join(temporaryFolder(t), 'later');
  const heard: Array<string | undefined> = [];
  const watch = new FolderWatch(name => heard.push(name));
  t.after(() => watch.close());
  watch.folders = [folder];
  mkdirSync(folder);
  let count = 0;
  await until(() => {
    watch.folders = [folder];
    writeFileSync(join(folder, 'a'), String(count++));
    return heard.includes('a');
  });
});
