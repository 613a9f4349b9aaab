import assert from 'node:assert/strict';
import {mkdtempSync, rmSync} from 'node:fs';
import {homedir, tmpdir} from 'node:os';
import path from 'node:path';
import process from 'node:process';
import {test} from 'node:test';
import {isJangadaError} from '../../../protocol/errors.ts';
import {absolutePath, leaveDeletedFolder} from '../../../protocol/program/local-path.ts';

test('a path is relative to the current folder', () => {
  for (const text of ['a', './~', 'a~', '~.part', '~a.txt', '/a/../b', '.']) {
    assert.equal(absolutePath(text, '--to'), path.resolve(text));
  }
});

test('a leading ~ that the shell has not expanded is the home folder', () => {
  assert.equal(absolutePath('~', '--to'), homedir());
  assert.equal(absolutePath('~/', '--to'), homedir());
  assert.equal(absolutePath('~/dl/a', '--to'), path.join(homedir(), 'dl/a'));
  assert.equal(absolutePath('~/~/a', '--to'), path.join(homedir(), '~/a'));
  assert.equal(absolutePath('~//etc', '--to'), path.join(homedir(), 'etc'));
});

for (const text of ['~bob', '~bob/dl']) {
  test(`'${text}', the home of another user, is refused, and the error says what to write`, () => {
    for (const [what, instead] of [
      ['--to', `Write --to ${text}, or ./${text} for`],
      ['DIR', `Write ${text}, or ./${text} for`],
    ] as const) {
      assert.throws(
        () => absolutePath(text, what),
        error => isJangadaError(error, 'usage') && error.message.includes(instead),
      );
    }
  });
}

test('if the current folder is deleted, only a relative path is refused, with a sentence', {
  skip: process.platform === 'win32' && 'a current folder cannot be deleted on Windows',
}, t => {
  const before = process.cwd();
  t.after(() => process.chdir(before));
  const folder = mkdtempSync(path.join(tmpdir(), 'jangada-gone-'));
  process.chdir(folder);
  rmSync(folder, {recursive: true});
  const isRefused = () => {
    assert.equal(absolutePath('/a', '--to'), '/a');
    assert.throws(
      () => absolutePath('.', '--to'),
      error =>
        isJangadaError(error, 'local_io') &&
        /^The current folder does not exist any more\. .*cd.* absolute path for --to$/.test(
          error.message,
        ),
    );
  };
  isRefused();
  leaveDeletedFolder();
  assert.equal(process.cwd(), path.parse(folder).root);
  isRefused();
});
