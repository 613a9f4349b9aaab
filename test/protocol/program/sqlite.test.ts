import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {mkdirSync, readdirSync, symlinkSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import process from 'node:process';
import {suite, test} from 'node:test';
import {openSqlite} from '../../../protocol/program/open-sqlite.ts';
import {isBusy, isDamaged, isSqliteError, sqlite} from '../../../protocol/program/sqlite.ts';
import {temporaryFolder} from '../../fixtures/harness.ts';

function errorOf(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    return error;
  }

  return assert.fail('it did not fail');
}

suite('errors of SQLite', () => {
  test('say whether the database is locked, damaged, or none at all', t => {
    const folder = temporaryFolder(t);
    const file = join(folder, 'db');
    using holder = openSqlite(file);
    holder.exec('CREATE TABLE a (b PRIMARY KEY); BEGIN IMMEDIATE');
    using other = openSqlite(file);
    const busy = errorOf(() => other.exec('BEGIN IMMEDIATE'));
    holder.exec("INSERT INTO a VALUES ('x'); COMMIT");
    const constraint = errorOf(() => other.exec("INSERT INTO a VALUES ('x')"));
    writeFileSync(join(folder, 'text'), 'no database'.padEnd(2000, '.'));
    using text = openSqlite(join(folder, 'text'));
    const damaged = errorOf(() => text.exec('SELECT * FROM sqlite_schema'));
    assert.deepEqual(
      [busy, constraint, damaged].map(error => [
        isBusy(error),
        isDamaged(error),
        isSqliteError(error),
      ]),
      [
        [true, false, true],
        [false, false, true],
        [false, true, true],
      ],
    );
    assert.deepEqual([new Error('x'), undefined, {errcode: 5}].map(isSqliteError), [
      ...[false, false, false],
    ]);
  });

  test('with an extended code count as those of the plain one', () => {
    const withCode = (errcode: number) => Object.assign(new Error('x'), {errcode});
    // SQLITE_BUSY_SNAPSHOT, SQLITE_CORRUPT_INDEX; SQLITE_IOERR_READ is neither.
    assert.ok(isBusy(withCode(517)));
    assert.ok(isDamaged(withCode(779)));
    assert.ok(!isBusy(withCode(266)) && !isDamaged(withCode(266)));
  });
});

suite('a database', () => {
  test('is made if there is none, and is not opened through a link or in the place of a folder', t => {
    const folder = temporaryFolder(t);
    writeFileSync(join(folder, 'target'), '');
    symlinkSync('target', join(folder, 'link'));
    symlinkSync('nowhere', join(folder, 'broken'));
    mkdirSync(join(folder, 'folder'));
    openSqlite(join(folder, 'new'))[Symbol.dispose]();
    for (const name of ['link', 'broken']) {
      assert.throws(() => openSqlite(join(folder, name)), {
        code: 'unsafe_target',
        message: /is a symbolic link, .*Move the file that it points to here, or set JANGADA_STATE/,
      });
    }

    assert.throws(() => openSqlite(join(folder, 'folder')), {
      code: 'unsafe_target',
      message: /is not a file\. Move it away, or set JANGADA_STATE/,
    });
    assert.deepEqual(readdirSync(folder).sort(), ['broken', 'folder', 'link', 'new', 'target']);
  });

  test('does not wait at a pipe', {skip: process.platform === 'win32' && 'no pipes'}, t => {
    const pipe = join(temporaryFolder(t), 'pipe');
    execFileSync('mkfifo', [pipe]);
    assert.throws(() => openSqlite(pipe), {code: 'unsafe_target'});
  });
});

test('warnings are heard again after SQLite was loaded', () => {
  const {emitWarning} = process;
  assert.ok('DatabaseSync' in sqlite());
  assert.equal(process.emitWarning, emitWarning);
});
