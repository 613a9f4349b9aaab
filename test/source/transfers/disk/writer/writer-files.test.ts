/** What the writer does with the files that it is given, here in the process of the test. */
import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import {mkdirSync, readdirSync, readFileSync, statSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import process from 'node:process';
import {suite, type TestContext, test} from 'node:test';
import {WriterFiles} from '../../../../../source/transfers/disk/writer/writer-files.ts';
import type {WriterAnswer} from '../../../../../source/transfers/disk/writer/writer-messages.ts';
import {disk} from '../../../../../source/transfers/system/disk.ts';
import {countDescriptors} from '../../../../fixtures/descriptors.ts';
import {noise, temporaryFolder} from '../../../../fixtures/harness.ts';

const part = '.jangada-part';
const skip = process.platform === 'linux' ? false : 'a writer is used on Linux alone';
const mtimeMs = 1_600_000_000_000;

/** The writer's files, and two folders that it enters by their numbers. */
function startFiles(t: TestContext) {
  const folders = [temporaryFolder(t), temporaryFolder(t)] as const;
  const before = process.cwd();
  t.after(() => process.chdir(before));
  const entered: number[] = [];
  const files = new WriterFiles(folder => {
    entered.push(folder);
    process.chdir(folders[folder === 0 ? 0 : 1]);
  });
  const write = (folder: number, ...sizes: number[]) => {
    const all = sizes.map((size, index) => [`f${index}`, size, mtimeMs + index] as const);
    const bytes = Buffer.concat(sizes.map((size, index) => noise(size, index + 1)));
    return files.answer({kind: 'write', group: 1, folder, files: all}, bytes) as WriterAnswer & {
      kind: 'written';
    };
  };
  return {folders, entered, files, write};
}

const none = Buffer.alloc(0);

suite('the writer', {skip}, () => {
  test('writes each file with its own bytes and its time, and says which file of the disk it is', t => {
    const {folders, write} = startFiles(t);
    const answer = write(0, 10, 0, 300);
    for (const [index, size] of [10, 0, 300].entries()) {
      const path = join(folders[0], `f${index}${part}`);
      assert.ok(readFileSync(path).equals(noise(size, index + 1)));
      const {dev, ino, mtimeMs: heldMs} = statSync(path);
      assert.deepEqual(answer.files[index], {dev, ino, other: undefined});
      assert.equal(Math.round(heldMs), mtimeMs + index);
    }
  });

  test('goes on after a file that it cannot write, and says why, and which name was taken', t => {
    const {folders, write} = startFiles(t);
    writeFileSync(join(folders[0], `f0${part}`), 'of an earlier run');
    let writes = 0;
    const {writeSync} = disk;
    t.mock.method(disk, 'writeSync', (...given: Parameters<typeof writeSync>) => {
      if (++writes === 1) {
        throw Object.assign(new Error('no room'), {code: 'ENOSPC'});
      }

      return writeSync(...given);
    });
    const {files} = write(0, 5, 6, 7);
    assert.equal(files[0], null);
    assert.deepEqual(files[1], {code: 'ENOSPC', message: 'Error: no room'});
    assert.ok(readFileSync(join(folders[0], `f2${part}`)).equals(noise(7, 3)));
  });

  test('tells the time that a file has if it cannot set the right one', t => {
    const {folders, write} = startFiles(t);
    t.mock.method(disk, 'futimesSync', () => {
      throw Object.assign(new Error('EPERM'), {code: 'EPERM'});
    });
    const [file] = write(0, 5).files;
    const heldMs = statSync(join(folders[0], `f0${part}`)).mtimeMs;
    assert.ok(file && 'other' in file);
    assert.deepEqual(file.other, {heldMs, reason: 'times cannot be set there'});
  });

  test('names the files that it is asked to, in their folders, and closes all of the group', t => {
    const before = countDescriptors();
    const {folders, entered, files, write} = startFiles(t);
    write(0, 5, 6, 7);
    write(1, 8, 9);
    writeFileSync(join(folders[0], 'f1'), 'mine');
    writeFileSync(join(folders[1], 'f0'), 'old');
    mkdirSync(join(folders[1], 'f1'));
    entered.length = 0;
    const named = files.answer(
      {
        kind: 'name',
        group: 1,
        files: [
          [0, 0, false],
          [0, 1, false],
          [1, 3, true],
          [1, 4, true],
          // A second time, and one that there is none of.
          [1, 3, true],
          [0, 99, true],
        ],
      },
      none,
    );
    assert.ok(!(named instanceof Promise) && named.kind === 'named');
    assert.deepEqual(
      named.files.map(file => (typeof file === 'string' ? file : file.code)),
      ['named', 'EEXIST', 'named', 'EISDIR', 'replaced', 'replaced'],
    );
    assert.deepEqual(entered, [0, 1, 0]);
    assert.deepEqual(readdirSync(folders[0]).sort(), ['f0', 'f1', `f1${part}`, `f2${part}`]);
    assert.ok(readFileSync(join(folders[1], 'f0')).equals(noise(8, 1)));
    assert.equal(countDescriptors(), before);
  });

  test('flushes all files of a group, and says why one of them could not be flushed', async t => {
    const {files, write} = startFiles(t);
    write(0, 5, 6);
    let flushes = 0;
    let code = '';
    const fails = () => (code === '' ? null : Object.assign(new Error(code), {code}));
    t.mock.method(disk, 'fsync', (_: number, done: (error: Error | null) => void) => {
      flushes++;
      done(fails());
    });
    t.mock.method(disk, 'fsyncSync', () => {
      flushes++;
      const error = fails();
      if (error !== null) {
        throw error;
      }
    });
    assert.deepEqual(await files.answer({kind: 'flush', group: 1}, none), {kind: 'flushed'});
    assert.equal(flushes, 2);
    code = 'EIO';
    const answer = await files.answer({kind: 'flush', group: 1}, none);
    assert.equal(answer.kind === 'flushed' && answer.error?.code, 'EIO');
    assert.deepEqual(await files.answer({kind: 'flush', group: 2}, none), {kind: 'flushed'});
    files.answer({kind: 'name', group: 1, files: []}, none);
  });
});
