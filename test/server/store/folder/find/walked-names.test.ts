import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import type {Dirent} from 'node:fs';
import {mkdirSync, symlinkSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import process from 'node:process';
import {type TestContext, test} from 'node:test';
import {MaskJudge} from '../../../../../protocol/masks/mask-judge.ts';
import {prepareMasks} from '../../../../../protocol/masks/masks.ts';
import {parseRemotePath, rootPath} from '../../../../../protocol/remote-path.ts';
import {stateBytes} from '../../../../../server/store/folder/find/find-messages.ts';
import {UnsearchedPlaces} from '../../../../../server/store/folder/find/unsearched-places.ts';
import {WalkedNames} from '../../../../../server/store/folder/find/walked-names.ts';
import {openRoot} from '../../../../../server/store/folder/root/open-root.ts';
import {closeFolder} from '../../../../../server/store/folder/root/root.ts';
import {temporaryFolder} from '../../../../fixtures/harness.ts';
import {asNobody, setMode} from '../../../../fixtures/server/as-nobody.ts';

const skip = process.platform === 'win32' ? 'there are no FIFOs' : false;

/** A name for which the file system tells no type, as some network disks do not. */
function untyped(name: string): Dirent {
  const no = () => false;
  // Of it a walk uses only these.
  return {name, isFile: no, isDirectory: no, isSymbolicLink: no} as unknown as Dirent;
}

function walkOf(t: TestContext, masks: string[]) {
  const outside = temporaryFolder(t);
  const root = join(outside, 'served');
  mkdirSync(join(root, 'folder'), {recursive: true});
  mkdirSync(join(root, 'listed'));
  writeFileSync(join(root, 'file'), '');
  writeFileSync(join(root, 'half.jangada-part'), '');
  writeFileSync(join(root, 'listed/key'), '');
  execFileSync('mkfifo', [join(root, 'fifo')]);
  symlinkSync('file', join(root, 'link'));
  symlinkSync('folder', join(root, 'folderLink'));
  symlinkSync('..', join(root, 'out'));
  for (const folder of [outside, root]) {
    setMode(folder, 0o755);
  }

  setMode(join(root, 'listed'), 0o400);
  const opened = openRoot(root);
  t.after(() => opened.close());
  const unsearched = new UnsearchedPlaces();
  const state = new Int32Array(stateBytes / 4);
  const judge = new MaskJudge(prepareMasks(masks));
  const names = new WalkedNames({root: opened, base: rootPath, state, judge, unsearched});
  const typeOf = (name: string, parent = rootPath) => {
    const folder = opened.openFolder(parent);
    const seen = names.seen({path: parent, folder, roomy: true}, untyped(name));
    closeFolder(folder);
    return seen === undefined ? 'nothing' : seen.isFile() ? 'file' : 'folder';
  };
  return {typeOf, unsearched};
}

test('names without a type are looked up, and are what a walk sees of names with one', {
  skip,
}, t => {
  const {typeOf, unsearched} = walkOf(t, ['**']);
  for (const [name, type] of [
    ['file', 'file'],
    ['folder', 'folder'],
    ['link', 'file'],
    ['folderLink', 'folder'],
    ['fifo', 'nothing'],
    ['out', 'nothing'],
    ['half.jangada-part', 'nothing'],
  ] as const) {
    assert.equal(typeOf(name), type, name);
  }

  assert.deepEqual(unsearched.found, {count: 0, first: []});
});

test('a name that cannot be looked up is told if a mask wants it as a file, and walked in any case', {
  skip,
}, t => {
  const [wanted, other] = [walkOf(t, ['**']), walkOf(t, ['folder/**'])];
  const listed = parseRemotePath('listed');
  using _ = asNobody();
  assert.equal(wanted.typeOf('key', listed), 'folder');
  assert.deepEqual(wanted.unsearched.found, {
    count: 1,
    first: [{name: 'listed/key', code: 'forbidden'}],
  });
  assert.equal(other.typeOf('key', listed), 'folder');
  assert.deepEqual(other.unsearched.found, {count: 0, first: []});
});
