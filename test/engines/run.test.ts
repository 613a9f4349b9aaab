/** Tests with real engines leave nothing behind, however they end. */
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
  test(`a run of engines that ${signal} ends leaves no process behind`, {skip}, async t => {
    const folder = temporaryFolder(t);
    const run = spawn(process.execPath, [join(import.meta.dirname, 'run.ts'), 'reads'], {
      stdio: 'ignore',
      // With this variable of Node's test runner, a run inside a test would run no tests.
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

/** Processes with `folder` in their arguments or their environment. */
function processesOf(folder: string): string[] {
  return readdirSync('/proc').filter(pid => {
    try {
      return ['cmdline', 'environ'].some(name =>
        readFileSync(join('/proc', pid, name), 'utf8').includes(folder),
      );
    } catch {
      // The name is not that of a process, or the process has ended.
      return false;
    }
  });
}
