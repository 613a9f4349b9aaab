import assert from 'node:assert/strict';
import fs from 'node:fs';
import {syncBuiltinESMExports} from 'node:module';
import {test} from 'node:test';
import {JangadaError} from '../../../../../protocol/errors.ts';
import {foldsNames} from '../../../../../source/transfers/disk/folders/folding-disk.ts';
import {temporaryFolder} from '../../../../fixtures/harness.ts';

for (const [system, code] of [
  ['EACCES', 'local_io'],
  ['ENOSPC', 'no_space'],
] as const) {
  test(`a disk on which names cannot be tried out is an error that names the folder: ${system}`, t => {
    const folder = temporaryFolder(t);
    const mocked = t.mock.method(fs, 'mkdtempSync', () => {
      throw Object.assign(new Error('x'), {code: system});
    });
    syncBuiltinESMExports();
    try {
      assert.throws(
        () => foldsNames(folder),
        (error: unknown) => {
          assert.ok(error instanceof JangadaError);
          assert.equal(error.code, code);
          assert.ok(error.message.startsWith(`${folder}: `));
          return true;
        },
      );
    } finally {
      mocked.mock.restore();
      syncBuiltinESMExports();
    }

    // The failure is not remembered.
    assert.equal(typeof foldsNames(folder), 'boolean');
  });
}
