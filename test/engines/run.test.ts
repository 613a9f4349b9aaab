/** The tests with real engines leave nothing behind, however they end. */
import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {existsSync, globSync, readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import process from 'node:process';
import {test} from 'node:test';
import {temporaryFolder, until} from '../fixtures/harness.ts';
import {haproxyProgram} from './haproxy.ts';
import {isolation} from './isolation.ts';

const skip =
  isolation.length === 0
    ? 'there can be no namespaces'
    : !existsSync(haproxyProgram) && 'there is no HAProxy';

for (const signal of ['SIGINT', 'SIGKILL'] as const) {
  test(`engines that are ended by ${signal} leave no process behind`, {skip}, async t => {
    const folder = temporaryFolder(t);
    const run = spawn(process.execPath, [join(import.meta.dirname, 'run.ts'), 'reads'], {
      stdio: 'ignore',
      // Within a test of Node's runner, another one would run no test.
      env: {...process.env, NODE_TEST_CONTEXT: undefined, TMPDIR: folder},
    });
    t.after(() => run.kill('SIGKILL'));
    await until(() => globSync(join(folder, '**', 'haproxy.sock')).length > 0);
    assert.notDeepEqual(processesOf(folder), []);
    run.kill(signal);
    await once(run, 'close');
    await until(() => processesOf(folder).length === 0);
    if (signal === 'SIGINT') {
      assert.deepEqual(readdirSync(folder), []);
    }
  });
}

/** Those that have `folder` among their words or in their environment. */
function processesOf(folder: string): string[] {
  return readdirSync('/proc').filter(pid => {
    try {
      return ['cmdline', 'environ'].some(name =>
        readFileSync(join('/proc', pid, name), 'utf8').includes(folder),
      );
    } catch {
      // It is no process, or has ended.
      return false;
    }
  });
}
