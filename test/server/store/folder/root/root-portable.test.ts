/** The root of systems without /proc, on this system. */
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import fs, {
  closeSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import {syncBuiltinESMExports} from 'node:module';
import {join} from 'node:path';
import process from 'node:process';
import {type TestContext, test} from 'node:test';
import {parseRemotePath} from '../../../../../protocol/remote-path.ts';
import {identityOf} from '../../../../../server/store/folder/root/file-state.ts';
import {closeFolder} from '../../../../../server/store/folder/root/root.ts';
import {PortableRoot} from '../../../../../server/store/folder/root/root-portable.ts';
import {temporaryFolder} from '../../../../fixtures/harness.ts';
import {openUnder} from '../../../../fixtures/server/server-folder.ts';

const skip = process.platform === 'win32' ? 'links need a right there' : false;

function servedRoot(t: TestContext) {
  const outside = realpathSync(temporaryFolder(t));
  mkdirSync(join(outside, 'served/folder'), {recursive: true});
  mkdirSync(join(outside, 'served-too'));
  writeFileSync(join(outside, 'served-too/key'), 'k');
  writeFileSync(join(outside, 'key'), 'outside');
  writeFileSync(join(outside, 'served/folder/file'), 'inside');
  for (const [name, target] of [
    ['link', 'folder/file'],
    ['folderLink', 'folder'],
    ['out', '../key'],
    ['above', '..'],
    ['sibling', '../served-too'],
    ['dangling', 'nowhere'],
    ['loop', 'loop'],
  ] as const) {
    symlinkSync(target, join(outside, 'served', name));
  }

  symlinkSync('served', join(outside, 'through'));
  return {outside, root: PortableRoot.open(join(outside, 'through'))};
}

const path = parseRemotePath;

test('without /proc, files and folders in the root are served, also through links', {skip}, t => {
  const {outside, root} = servedRoot(t);
  for (const name of ['folder/file', 'link', 'folderLink/file']) {
    assert.equal(root.stat(path(name)).size, 6n, name);
    assert.equal(root.isInside(path(name)), true, name);
    const {descriptor, stats} = root.openFile(path(name));
    assert.equal(readFileSync(descriptor, 'utf8'), 'inside', name);
    assert.equal(stats.size, 6n);
    closeSync(descriptor);
  }

  for (const name of ['', 'folder', 'folderLink']) {
    const opened = root.openFolder(path(name));
    assert.equal(
      opened.place,
      join(outside, 'served', name === '' ? '' : 'folder').replace(/\/$/, ''),
    );
    assert.equal(opened.realPath, opened.place);
    closeFolder(opened);
  }

  assert.equal(openUnder(outside), 0);
});

test('without /proc, nothing outside the root is served, nor is told to be there', {skip}, t => {
  const {root} = servedRoot(t);
  const names = ['out', 'above', 'above/key', 'sibling', 'sibling/key', 'dangling', 'loop', 'none'];
  for (const name of [...names, 'folder/file/x']) {
    assert.throws(() => root.stat(path(name)), {code: 'not_found'}, name);
    assert.throws(() => root.openFile(path(name)), {code: 'not_found'}, name);
    assert.throws(() => root.openFolder(path(name)), {code: 'not_found'}, name);
  }

  for (const name of ['out', 'above', 'sibling', 'sibling/key']) {
    assert.equal(root.isInside(path(name)), false, name);
  }

  // Names that are not UTF-8 can be none of such a system.
  assert.throws(() => root.stat(path('\udc80')), {code: 'not_found'});
  assert.throws(() => root.isInside(path('none')), {code: 'not_found'});
});

test('without /proc, a folder is not a file, a file no folder, and a FIFO is not opened', {
  skip,
}, t => {
  const {outside, root} = servedRoot(t);
  execFileSync('mkfifo', [join(outside, 'served/fifo')]);
  assert.throws(() => root.openFile(path('folder')), {code: 'not_a_file', message: /a folder/});
  assert.throws(() => root.openFile(path('fifo')), {code: 'not_a_file', message: /FIFO/});
  assert.throws(() => root.openFolder(path('link')), {code: 'not_a_folder'});
});

for (const [what, swap] of [
  [
    'another file',
    (outside: string) => renameSync(join(outside, 'key'), join(outside, 'served/folder/file')),
  ],
  [
    'a link that leads out',
    (outside: string) => {
      fs.rmSync(join(outside, 'served/folder/file'));
      symlinkSync('../../key', join(outside, 'served/folder/file'));
    },
  ],
  [
    'the same file in a folder that was moved out',
    (outside: string) => {
      renameSync(join(outside, 'served/folder'), join(outside, 'moved'));
      symlinkSync('../moved', join(outside, 'served/folder'));
    },
  ],
] as const) {
  test(`without /proc, a file that is swapped for ${what} before it is opened is not served`, {
    skip,
  }, t => {
    const {outside, root} = servedRoot(t);
    const {openSync} = fs;
    fs.openSync = (...args) => {
      swap(outside);
      return openSync(...args);
    };
    syncBuiltinESMExports();
    t.after(() => {
      fs.openSync = openSync;
      syncBuiltinESMExports();
    });
    assert.throws(() => root.openFile(path('folder/file')), {code: 'not_found'});
    assert.equal(openUnder(outside), 0);
  });
}

test('without /proc, a folder that is not the expected one is not opened as a root', {skip}, t => {
  const {outside} = servedRoot(t);
  const served = join(outside, 'served');
  const identity = identityOf(statSync(served, {bigint: true}));
  assert.equal(PortableRoot.open(served, identity).handle.path, served);
  for (const other of [join(outside, 'through'), join(outside, 'served-too')]) {
    assert.throws(() => PortableRoot.open(other, identity), {code: 'not_found'});
  }
});
