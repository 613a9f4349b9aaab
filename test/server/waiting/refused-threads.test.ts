import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {test} from 'node:test';
import {fileURLToPath} from 'node:url';
import {cannotCount} from '../../fixtures/descriptors.ts';
import {withTypeScript} from '../../fixtures/with-typescript.ts';

const program = fileURLToPath(new URL('../../fixtures/server/starts-threads.ts', import.meta.url));

test('without descriptors for a thread, everything that needs one is refused, and none is started', {
  skip: cannotCount,
}, () => {
  const words = ['-c', 'ulimit -n 200 && exec "$@"', 'bash'];
  const printed = execFileSync('bash', [...words, process.execPath, ...withTypeScript, program]);
  const said = {shelf: 'busy', matcher: 'busy', calls: 'busy', search: 'busy', hash: 'busy'};
  assert.deepEqual(JSON.parse(String(printed)), {said, threads: 0});
});
