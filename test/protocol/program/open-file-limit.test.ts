import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';
import {closeSync, openSync} from 'node:fs';
import process from 'node:process';
import {test} from 'node:test';
import {openFileCount, openFileLimit} from '../../../protocol/program/open-file-limit.ts';
import {withTypeScript} from '../../fixtures/with-typescript.ts';

const skip = process.platform !== 'linux' && 'the system does not tell how many files are open';

test('open files count until they are closed', {skip}, () => {
  const before = openFileCount();
  const opened = [1, 2, 3].map(() => openSync(process.execPath, 'r'));
  assert.equal(openFileCount(), before + 3);
  opened.forEach(closeSync);
  assert.equal(openFileCount(), before);
  assert.ok(openFileCount() < openFileLimit());
});

test('a process without a free descriptor has no room for another file', {skip}, () => {
  const module = new URL('../../../protocol/program/open-file-limit.ts', import.meta.url);
  const script = `
    import {openSync} from 'node:fs';
    import {openFileCount, openFileLimit} from '${module.href}';
    openFileCount();
    try {
      for (;;) openSync('/dev/null', 'r');
    } catch (error) {
      console.log(error.code, openFileLimit(), openFileCount());
    }`;
  const words = [process.execPath, ...withTypeScript, '--input-type=module', '--eval', script];
  const ran = spawnSync('sh', ['-c', 'ulimit -n 100 && exec "$@"', 'sh', ...words]);
  assert.equal(String(ran.stdout), 'EMFILE 100 Infinity\n', String(ran.stderr));
});
