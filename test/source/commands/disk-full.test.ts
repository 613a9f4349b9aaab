import assert from 'node:assert/strict';
import {readdirSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {blockSize} from '../../../protocol/block.ts';
import {noise, startHarness, temporaryFolder, treeOf} from '../../fixtures/harness.ts';
import {smallDisk} from '../../fixtures/small-disk.ts';
import {runHere, runProgram} from './run.ts';

test('47: mget fetches what fits, reports what does not, and ends with 1', async t => {
  const disk = smallDisk(t, 6);
  if (disk === undefined) {
    return;
  }

  const {serve, server} = await startHarness(t);
  serve('fits', noise(2 * blockSize));
  serve('small', 'small');
  serve('too large', noise(9 * blockSize));
  const ran = await runHere(['mget', '**', '-s', server.address, '-o', disk]);
  assert.equal(ran.status, 1);
  assert.match(
    ran.stderr,
    /^jangada: too large: \S+: 9.44 MB more are needed, and \S+ MB are free; make room and run it again$/m,
  );
  assert.deepEqual(readdirSync(disk).sort(), ['fits', 'small']);
});

test('47: queue run reports what does not fit, keeps it queued, and fetches it when there is space', async t => {
  const disk = smallDisk(t, 6);
  if (disk === undefined) {
    return;
  }

  const {serve, server, root} = await startHarness(t);
  const environment = {JANGADA_STATE: temporaryFolder(t)};
  serve('fits', noise(blockSize));
  serve('later', noise(4 * blockSize));
  writeFileSync(join(disk, 'in the way'), noise(3 * blockSize));
  const add = ['queue', 'add', '**', '-s', server.address, '-o', disk];
  assert.equal((await runProgram(add, environment)).status, 0);
  const first = await runProgram(['queue', 'run'], environment);
  assert.equal(first.status, 1, first.stderr);
  assert.match(
    first.stderr,
    /^jangada: later: .*more are needed, .* are free; make room and run it again$/m,
  );
  const listed = await runProgram(['queue', 'list'], environment);
  assert.match(listed.stdout, /paused .*later.*\(.*more are needed, and \S+ MB are free\)$/m);
  rmSync(join(disk, 'in the way'));
  const second = await runProgram(['queue', 'run'], environment);
  assert.equal(second.status, 0, second.stderr);
  assert.deepEqual(treeOf(disk), treeOf(root));
});
