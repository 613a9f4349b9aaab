import assert from 'node:assert/strict';
import fs, {existsSync, mkdirSync, writeFileSync} from 'node:fs';
import {syncBuiltinESMExports} from 'node:module';
import {join} from 'node:path';
import {test} from 'node:test';
import {sweepRoom} from '../../../../server/indexes/shelves/sweep-room.ts';
import {temporaryFolder} from '../../../fixtures/harness.ts';

for (const [code, isPassedOn] of [
  ['EIO', true],
  ['EROFS', true],
  ['ENOTEMPTY', false],
  ['ENOENT', false],
] as const) {
  test(`${code} when a section is removed is ${isPassedOn ? '' : 'no '}error of the shelf`, t => {
    const room = temporaryFolder(t);
    const section = join(room, '5'.repeat(62));
    mkdirSync(section);
    const file = join(section, 'a'.repeat(16));
    writeFileSync(file, 'digests');
    t.mock.method(fs, 'rmdirSync', () => {
      throw Object.assign(new Error(code), {code});
    });
    syncBuiltinESMExports();
    t.after(() => {
      t.mock.restoreAll();
      syncBuiltinESMExports();
    });
    const sweep = () => sweepRoom(room, 0);
    if (isPassedOn) {
      assert.throws(sweep, {code});
    } else {
      sweep();
    }

    assert.ok(!existsSync(file));
  });
}
