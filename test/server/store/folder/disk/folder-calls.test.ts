import assert from 'node:assert/strict';
import {
  appendFileSync,
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import process from 'node:process';
import {suite, test} from 'node:test';
import {parseRemotePath} from '../../../../../protocol/remote-path.ts';
import {callsUnder} from '../../../../../server/store/folder/disk/folder-calls.ts';
import {LoadedFile} from '../../../../../server/store/folder/loaded-file.ts';
import {openRoot} from '../../../../../server/store/folder/root/open-root.ts';
import {makeOld, openUnder} from '../../../../fixtures/server/server-folder.ts';

const size = 5000;
const path = parseRemotePath('file');

const changes: Readonly<Record<string, (file: string) => void>> = {
  grows: file => appendFileSync(file, 'more'),
  'is cut': file => truncateSync(file, size - 1),
  'is rewritten and keeps its size'(file) {
    const fd = openSync(file, 'r+');
    writeSync(fd, 'other', 3);
    closeSync(fd);
  },
  'is replaced by one with its size and time'(file) {
    writeFileSync(`${file}.new`, Buffer.alloc(size, 2));
    makeOld(`${file}.new`);
    renameSync(`${file}.new`, file);
  },
  'is deleted': file => rmSync(file),
};

suite('a small file of a slow disk, opened and read in one call, is known to have changed', () => {
  for (const [what, change] of Object.entries(changes)) {
    for (const moment of ['before', 'after'] as const) {
      test(`if the file ${what} just ${moment} it is read`, async t => {
        const folder = mkdtempSync(join(tmpdir(), 'jangada-calls-'));
        const file = join(folder, 'file');
        writeFileSync(file, Buffer.alloc(size, 1));
        makeOld(file);
        const root = openRoot(folder);
        t.after(() => {
          root.close();
          rmSync(folder, {recursive: true});
        });
        const calls = callsUnder(root);
        const {read} = calls;
        calls.read = (...args) => {
          if (moment === 'before') {
            change(file);
          }

          const bytes = read(...args);
          if (moment === 'after') {
            change(file);
          }

          return bytes;
        };
        const loaded = calls.loadFile(path);
        assert.ok('bytes' in loaded);
        const stored = new LoadedFile(path, loaded);
        assert.equal(stored.unchanged(), false);
        if (loaded.bytes.length < size) {
          const client = {peer: '', signal: new AbortController().signal};
          const spans = [{from: 0, to: 1}];
          await assert.rejects(
            stored.digests({algorithm: 'sha256', spans}, {...client, computed: assert.fail}),
            {code: 'changed'},
          );
          await assert.rejects(stored.hash({algorithm: 'sha256', length: size}), {code: 'changed'});
        }
      });
    }
  }
});

test('what a call opens is closed, but for what it gives', {
  skip: process.platform === 'linux' ? false : 'descriptors are counted in /proc',
}, t => {
  const folder = mkdtempSync(join(tmpdir(), 'jangada-calls-'));
  mkdirSync(join(folder, 'root/d'), {recursive: true});
  writeFileSync(join(folder, 'root/d/small'), 'small');
  writeFileSync(join(folder, 'root/d/other'), 'other');
  // In another folder: the one of the last two files is kept open for this turn.
  writeFileSync(join(folder, 'root/large'), Buffer.alloc(65_537, 1));
  const root = openRoot(join(folder, 'root'));
  const before = openUnder(folder);
  t.after(() => {
    root.close();
    rmSync(folder, {recursive: true});
  });
  const calls = callsUnder(root);
  const small = calls.loadFile(parseRemotePath('d/small'));
  assert.equal('bytes' in small && Buffer.from(small.bytes).toString(), 'small');
  assert.equal(openUnder(folder), before);
  const sub = parseRemotePath('d');
  const {place, descriptor = 0} = calls.openFolder(sub);
  assert.deepEqual(calls.names(sub, place, 0, 9).toSorted(), ['other', 'small']);
  const [first = ''] = calls.names(sub, place, 0, 1);
  assert.deepEqual([first, ...calls.names(sub, place, 1, 1)].toSorted(), ['other', 'small']);
  assert.deepEqual(calls.names(sub, place, 2, 1), []);
  calls.close(descriptor);
  assert.equal(openUnder(folder), before);
  const large = calls.loadFile(parseRemotePath('large'));
  assert.ok('descriptor' in large && large.state.size === 65_537n);
  assert.equal(openUnder(folder), before + 1);
  calls.close(large.descriptor);
  assert.equal(openUnder(folder), before);
  // Its number is no file any more: the error is one for clients.
  const gone = large.descriptor;
  assert.throws(() => calls.stateOf(gone, path), {code: 'internal', message: /'file'/});
  assert.throws(() => calls.read(gone, 0, 1, path, new ArrayBuffer(1)), {code: 'internal'});
});

test('a folder has the size 0, whatever its disk counts, and a file its own', t => {
  const folder = mkdtempSync(join(tmpdir(), 'jangada-calls-'));
  mkdirSync(join(folder, 'in'));
  writeFileSync(join(folder, 'in/a'), 'abc');
  const root = openRoot(folder);
  t.after(() => {
    root.close();
    rmSync(folder, {recursive: true});
  });
  const {stat} = callsUnder(root);
  const facts = ['in', 'in/a'].map(name => stat(parseRemotePath(name)));
  assert.deepEqual(
    facts.map(({name, type, size}) => ({name, type, size})),
    [
      {name: 'in', type: 'folder', size: 0},
      {name: 'a', type: 'file', size: 3},
    ],
  );
});
