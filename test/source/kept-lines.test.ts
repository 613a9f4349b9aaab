import assert from 'node:assert/strict';
import {mkdirSync, readdirSync, statSync, truncateSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {suite, test} from 'node:test';
import {KeptLinesFile} from '../../source/kept-lines.ts';
import {temporaryFolder} from '../fixtures/harness.ts';

suite('lines that are kept in a file', () => {
  test('are read back as written, only for this user, and no other file is left', t => {
    const file = join(temporaryFolder(t), 'state', 'lines');
    assert.deepEqual(new KeptLinesFile(file).read(), []);
    new KeptLinesFile(file).change(() => ['list', 'sget é 👍']);
    assert.deepEqual(new KeptLinesFile(file).read(), ['list', 'sget é 👍']);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.deepEqual(readdirSync(dirname(file)).sort(), ['lines', 'locks']);
  });

  test('are not read from a file that is too large, and the error names a file that cannot be written', t => {
    const file = join(temporaryFolder(t), 'lines');
    new KeptLinesFile(file).change(() => ['a']);
    truncateSync(file, 5_000_000);
    assert.deepEqual(new KeptLinesFile(file).read(), []);
    const folder = join(temporaryFolder(t), 'lines');
    mkdirSync(folder);
    assert.throws(() => new KeptLinesFile(folder).change(() => ['a']), {
      code: 'local_io',
      message: /lines/,
    });
  });
});
