/** The built program and its compiled code, in a cache folder of the test. */
import assert from 'node:assert/strict';
import {execFile} from 'node:child_process';
import {chmodSync, existsSync, mkdirSync, readdirSync, statSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {suite, type TestContext, test} from 'node:test';
import {promisify} from 'node:util';
import {temporaryFolder} from '../fixtures/harness.ts';

const program = path.join(import.meta.dirname, '../../dist/jangada.js');
const run = promisify(execFile);
const skip = process.platform !== 'linux' && 'only Linux has XDG_CACHE_HOME';

suite('compiled code', {skip}, () => {
  test('is kept in a folder that only this user can read, and used again', async t => {
    const {compiled, start} = withCache(t);
    await start();
    assert.equal(statSync(compiled).mode & 0o777, 0o700);
    const files = filesIn(compiled);
    assert.ok(files.length > 1);
    const stderr = await start({NODE_DEBUG_NATIVE: 'COMPILE_CACHE'});
    assert.match(stderr, /cli-\w+\.js was accepted/);
    assert.ok(!stderr.includes('was rejected'));
    assert.deepEqual(filesIn(compiled), files);
  });

  test('is deleted and written again when the folder has the code of many builds', async t => {
    const {compiled, start} = withCache(t);
    await start();
    const files = filesIn(compiled);
    const [ofNode = ''] = readdirSync(compiled);
    mkdirSync(path.join(compiled, 'v1-of-old'));
    for (let index = 0; index < 200; index++) {
      writeFileSync(path.join(compiled, ofNode, `old-${index}`), '');
    }

    await start();
    assert.deepEqual(filesIn(compiled), files);
  });

  test('is not kept where others can write, or where no folder can be made', async t => {
    const {cache, compiled, start} = withCache(t);
    mkdirSync(compiled, {recursive: true});
    chmodSync(compiled, 0o777);
    await start();
    assert.deepEqual(readdirSync(compiled), []);
    writeFileSync(path.join(cache, 'file'), '');
    await start({XDG_CACHE_HOME: path.join(cache, 'file')});
  });

  test('is not kept if the variable of Node forbids it', async t => {
    const {compiled, start} = withCache(t);
    await start({NODE_DISABLE_COMPILE_CACHE: '1'});
    assert.ok(!existsSync(compiled));
  });
});

/** `start` runs the program with `--version`, and resolves with what it writes to standard error. */
function withCache(t: TestContext) {
  const cache = temporaryFolder(t);
  const {NODE_COMPILE_CACHE: _, ...environment} = process.env;
  return {
    cache,
    compiled: path.join(cache, 'jangada/compiled'),
    async start(variables: NodeJS.ProcessEnv = {}): Promise<string> {
      const env = {...environment, XDG_CACHE_HOME: cache, ...variables};
      const {stdout, stderr} = await run(process.execPath, [program, '--version'], {env});
      assert.match(stdout, /^\d+\.\d+\.\d+\n$/);
      return stderr;
    },
  };
}

/** The paths of all files and folders below `folder`. */
function filesIn(folder: string): string[] {
  return readdirSync(folder, {recursive: true, encoding: 'utf8'}).sort();
}
