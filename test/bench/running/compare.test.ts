import assert from 'node:assert/strict';
import {cpSync, mkdirSync, renameSync, rmSync, utimesSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {type TestContext, test} from 'node:test';
import {compareTrees, fingerprint} from '../../../bench/running/compare.ts';
import {temporaryFolder} from '../../fixtures/harness.ts';

const skip = process.platform === 'win32' && 'diff is not there on Windows';

test('a tree with a changed, missing or additional file is reported', {skip}, async t => {
  const {source, target} = trees(t);
  await compareTrees(source, target);
  writeFileSync(path.join(target, 'sub', 'one'), 'onf');
  await assert.rejects(
    compareTrees(source, target),
    /differs from the expected result: Files .*one differ/,
  );
  rmSync(path.join(target, 'sub', 'one'));
  await assert.rejects(compareTrees(source, target), /Only in .*source\/sub: one/);
  cpSync(source, target, {recursive: true});
  writeFileSync(path.join(target, 'one.part'), '');
  await assert.rejects(compareTrees(source, target), /Only in .*target: one\.part/);
});

test('a fingerprint changes if a file is written, or replaced by an equal one', t => {
  const {target} = trees(t);
  const [file, copy] = [path.join(target, 'sub', 'one'), path.join(target, 'copy')];
  const time = new Date('2026-01-02T03:04:05Z');
  const print = () => {
    utimesSync(file, time, time);
    return fingerprint(path.join(target, 'sub'));
  };
  const before = print();
  assert.equal(print(), before);
  cpSync(file, copy);
  renameSync(copy, file);
  const replaced = print();
  assert.notEqual(replaced, before);
  writeFileSync(file, 'one more');
  assert.notEqual(print(), replaced);
});

function trees(t: TestContext): {source: string; target: string} {
  const folder = temporaryFolder(t);
  const [source, target] = [path.join(folder, 'source'), path.join(folder, 'target')];
  mkdirSync(path.join(source, 'sub'), {recursive: true});
  writeFileSync(path.join(source, 'sub', 'one'), 'one');
  cpSync(source, target, {recursive: true});
  return {source, target};
}
