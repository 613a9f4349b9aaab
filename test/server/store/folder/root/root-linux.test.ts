import assert from 'node:assert/strict';
import {closeSync, mkdirSync, realpathSync, symlinkSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import process from 'node:process';
import {test} from 'node:test';
import {setImmediate as turn} from 'node:timers/promises';
import {parseRemotePath} from '../../../../../protocol/remote-path.ts';
import {openRoot} from '../../../../../server/store/folder/root/open-root.ts';
import {closeFolder} from '../../../../../server/store/folder/root/root.ts';
import {temporaryFolder} from '../../../../fixtures/harness.ts';
import {asNobody, setMode} from '../../../../fixtures/server/as-nobody.ts';
import {openUnder} from '../../../../fixtures/server/server-folder.ts';

const skip = process.platform === 'linux' ? false : 'descriptors are counted in /proc';

test('a path that is refused leaves nothing open, inside the root or outside', {skip}, async t => {
  const outside = temporaryFolder(t);
  mkdirSync(join(outside, 'served/folder'), {recursive: true});
  mkdirSync(join(outside, 'secret'));
  writeFileSync(join(outside, 'secret/key'), 'k');
  writeFileSync(join(outside, 'served/file'), 'f');
  symlinkSync('../secret', join(outside, 'served/out'));
  symlinkSync('../secret/key', join(outside, 'served/key'));
  // This path leads out of the root and back into it.
  symlinkSync('../served', join(outside, 'secret/back'));
  const root = openRoot(join(outside, 'served'));
  t.after(() => root.close());
  const before = openUnder(outside);
  for (const [name, code] of [
    ['out', 'not_found'],
    ['key', 'not_found'],
    ['out/key', 'not_found'],
    ['out/back/file', 'not_found'],
    ['missing', 'not_found'],
    ['file', 'not_a_folder'],
  ] as const) {
    const path = parseRemotePath(name);
    assert.throws(() => closeFolder(root.openFolder(path)), {code}, name);
    if (code === 'not_found') {
      assert.throws(() => root.stat(path), {code}, name);
      assert.throws(() => root.openFile(path), {code}, name);
    }
  }

  assert.throws(() => root.openFile(parseRemotePath('folder')), {code: 'not_a_file'});
  // The folder of the last files stays open for this turn of the event loop.
  await turn();
  assert.equal(openUnder(outside), before);
});

test('what is asked for leaves nothing open but what it gives', {skip}, async t => {
  const outside = temporaryFolder(t);
  mkdirSync(join(outside, 'served/folder'), {recursive: true});
  writeFileSync(join(outside, 'served/folder/file'), 'f');
  symlinkSync('folder', join(outside, 'served/link'));
  symlinkSync('..', join(outside, 'served/out'));
  const root = openRoot(join(outside, 'served'));
  const before = openUnder(outside);
  for (const name of ['folder', 'folder/file', 'link/file']) {
    root.stat(parseRemotePath(name));
    assert.equal(root.isInside(parseRemotePath(name)), true);
  }

  assert.equal(root.isInside(parseRemotePath('out')), false);
  assert.equal(openUnder(outside), before);
  const work = () => {
    throw new RangeError('of the work');
  };
  assert.throws(() => root.inFolder(parseRemotePath('folder'), work), RangeError);
  root.inFolder(parseRemotePath('folder'), () => {});
  assert.equal(openUnder(outside), before);
  for (const name of ['folder/file', 'folder/file', 'link/file']) {
    closeSync(root.openFile(parseRemotePath(name)).descriptor);
  }

  closeFolder(root.openFolder(parseRemotePath('folder')));
  await turn();
  assert.equal(openUnder(outside), before);
  // Within one turn, the folder of the last files is still open.
  for (const name of ['folder/file', 'folder/file']) {
    closeSync(root.openFile(parseRemotePath(name)).descriptor);
  }

  root.close();
  assert.equal(openUnder(outside), 0);
});

test('a link into an unreadable folder outside is not_found, so that clients cannot learn whether its target exists', {
  skip,
}, t => {
  const outside = temporaryFolder(t);
  for (const folder of ['secret', 'served/locked']) {
    mkdirSync(join(outside, folder), {recursive: true});
    writeFileSync(join(outside, folder, 'key'), 'k');
  }

  symlinkSync('../secret/key', join(outside, 'served/out'));
  symlinkSync('../secret/missing', join(outside, 'served/gone'));
  const root = openRoot(join(outside, 'served'));
  t.after(() => root.close());
  for (const [folder, mode] of [
    ['', 0o755],
    ['secret', 0o000],
    ['served/locked', 0o000],
  ] as const) {
    setMode(join(outside, folder), mode);
  }

  using _ = asNobody();
  for (const [name, code] of [
    ['out', 'not_found'],
    ['gone', 'not_found'],
    ['locked/key', 'forbidden'],
  ] as const) {
    const path = parseRemotePath(name);
    assert.throws(() => root.stat(path), {code}, name);
    assert.throws(() => root.openFile(path), {code}, name);
    assert.throws(() => closeFolder(root.openFolder(path)), {code}, name);
  }
});

test('the root of the file system can be served, with everything below it', {skip}, t => {
  const folder = realpathSync(temporaryFolder(t));
  writeFileSync(join(folder, 'file'), 'four');
  symlinkSync(join(folder, 'file'), join(folder, 'link'));
  const root = openRoot('/');
  t.after(() => root.close());
  const pathOf = (name: string) => parseRemotePath(join(folder, name).slice(1));
  for (const name of ['file', 'link']) {
    const path = pathOf(name);
    assert.equal(root.stat(path).size, 4n, name);
    const {descriptor, stats} = root.openFile(path);
    closeSync(descriptor);
    assert.equal(stats.size, 4n, name);
  }

  const opened = root.openFolder(parseRemotePath(folder.slice(1)));
  t.after(() => closeFolder(opened));
  assert.equal(opened.realPath, folder);
  assert.ok(root.stat(parseRemotePath('')).isDirectory());
});
