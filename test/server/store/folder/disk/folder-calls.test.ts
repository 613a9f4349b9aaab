import assert from 'node:assert/strict';
import {
  appendFileSync,
  closeSync,
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
import {suite, test} from 'node:test';
import {parseRemotePath} from '../../../../../protocol/remote-path.ts';
import {callsUnder} from '../../../../../server/store/folder/disk/folder-calls.ts';
import {LoadedFile} from '../../../../../server/store/folder/loaded-file.ts';
import {openRoot} from '../../../../../server/store/folder/root/open-root.ts';
import {makeOld} from '../../../../fixtures/server/server-folder.ts';

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
