import assert from 'node:assert/strict';
import {chmodSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import process from 'node:process';
import {suite, test} from 'node:test';
import {openFileCount} from '../../../protocol/program/open-file-limit.ts';
import {readPrivateFile, writePrivateFile} from '../../../protocol/program/private-file.ts';
import {temporaryFolder} from '../../fixtures/harness.ts';

const skip = process.platform === 'win32' && 'Windows has other rights';
const mebibyte = 1_048_576;

suite('a file of secrets', {skip}, () => {
  test('is read back as it was written, and only this user can read it and its folder', t => {
    const folder = join(temporaryFolder(t), 'a', 'b');
    const file = join(folder, 'secrets');
    assert.equal(readPrivateFile(file), undefined);
    writePrivateFile(file, 'première\n');
    assert.equal(readPrivateFile(file), 'première\n');
    writePrivateFile(file, 'second');
    assert.equal(readFileSync(file, 'utf8'), 'second');
    assert.deepEqual([statSync(file).mode & 0o777, statSync(folder).mode & 0o777], [0o600, 0o700]);
  });

  test('is refused with what to do if anybody else can read, write or run it', t => {
    const file = join(temporaryFolder(t), 'a\u001bb');
    writeFileSync(file, 'secret');
    for (const mode of [0o640, 0o620, 0o610, 0o604, 0o602, 0o601]) {
      chmodSync(file, mode);
      assert.throws(
        () => readPrivateFile(file),
        {code: 'local_io', message: /^Other users can read '.*a\\x1bb', .*run chmod 600 on it$/},
        mode.toString(8),
      );
    }

    for (const mode of [0o600, 0o400, 0o700]) {
      chmodSync(file, mode);
      assert.equal(readPrivateFile(file), 'secret');
    }
  });

  test('has at most 1 MiB', t => {
    const file = join(temporaryFolder(t), 'file');
    writeFileSync(file, 'x'.repeat(mebibyte), {mode: 0o600});
    assert.equal(readPrivateFile(file)?.length, mebibyte);
    writeFileSync(file, 'x'.repeat(mebibyte + 1));
    assert.throws(() => readPrivateFile(file), {code: 'local_io', message: /at most 1 MiB/});
  });

  test('that cannot be read or written is named with the reason', t => {
    const folder = temporaryFolder(t);
    const [inner, loop] = [join(folder, 'folder'), join(folder, 'loop')];
    mkdirSync(inner, {mode: 0o700});
    symlinkSync('loop', loop);
    const unreadable = (why: string) => ({
      code: 'local_io',
      message: new RegExp(`cannot be read \\(${why}\\)$`),
    });
    assert.throws(() => readPrivateFile(inner), unreadable('EISDIR'));
    assert.throws(() => readPrivateFile(loop), unreadable('ELOOP'));
    writeFileSync(join(folder, 'file'), '');
    const below = join(folder, 'file', 'below');
    for (const [variable, advice] of [
      [undefined, ''],
      ['JANGADA_CONFIG', '\\. Set JANGADA_CONFIG to use another folder'],
      ['JANGADA_STATE', '\\. Set JANGADA_STATE to use another folder'],
    ] as const) {
      assert.throws(() => writePrivateFile(below, '', variable), {
        code: 'local_io',
        message: new RegExp(`/below' cannot be written \\((?:ENOTDIR|EEXIST)\\)${advice}$`),
      });
    }
  });

  test('is closed again, whether it was good or not', t => {
    const folder = temporaryFolder(t);
    const [good, open] = [join(folder, 'good'), join(folder, 'open')];
    writePrivateFile(good, 'a');
    writeFileSync(open, 'a', {mode: 0o644});
    const before = openFileCount();
    for (let turn = 0; turn < 3; turn++) {
      readPrivateFile(good);
      writePrivateFile(good, 'b');
      assert.throws(() => readPrivateFile(open));
    }

    assert.equal(openFileCount(), before);
  });
});
