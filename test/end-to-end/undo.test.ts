import assert from 'node:assert/strict';
import {test} from 'node:test';
import {noise} from '../fixtures/harness.ts';
import {MiB, startJourney} from './journey.ts';

for (const size of [
  {columns: 120, rows: 40},
  {columns: 80, rows: 24},
  {columns: 60, rows: 15},
]) {
  test(`u brings back cleared rows, also on a screen that is not the worker, at ${size.columns} x ${size.rows}`, async t => {
    const {server, jangada} = await startJourney(t, {files: {'a.txt': 'a', 'b.txt': 'b'}});
    const worker = jangada([server.address], size);
    await worker.waitFor(/1 of 2/);
    worker.type('  d3');
    await worker.waitFor(/2 done[\s\S]*✓ [ab]\.txt[\s\S]*✓ [ab]\.txt/);
    const companion = jangada([server.address], size);
    companion.type('3');
    await companion.waitFor(/✓ [ab]\.txt[\s\S]*✓ [ab]\.txt/);
    companion.type('c');
    await companion.waitFor(/Nothing is queued/);
    await worker.waitFor(/Nothing is queued/);
    companion.type('u');
    await companion.waitFor(/✓ [ab]\.txt[\s\S]*✓ [ab]\.txt/);
    await worker.waitFor(/✓ [ab]\.txt[\s\S]*✓ [ab]\.txt/);
    for (const screen of [companion, worker]) {
      screen.type('q');
      assert.equal((await screen.ended()).status, 0);
      screen.assertRestored();
    }
  });
}

test('u undoes the steps of another screen, of a command and of a screen that has ended, the last step first', async t => {
  const files = {'a.txt': 'a', 'b.txt': 'b', 'big.bin': noise(6 * MiB)};
  // So slow that the large file never arrives during the test.
  const {server, jangada} = await startJourney(t, {files, server: {limit: 50_000}});
  const worker = jangada();
  await worker.waitFor(/1 of 3/);
  worker.type('   d3');
  await worker.waitFor(/2 done · 1 run/);
  const companion = jangada();
  companion.type('3');
  await companion.waitFor(/works here[\s\S]*2 done · 1 run/);
  worker.type('c');
  await companion.waitFor(text => !text.includes('✓ a.txt'));
  companion.type('u');
  await companion.waitFor(/Brought back: 2 transfers/);
  await companion.waitFor(/2 done · 1 run/);
  companion.type('c');
  await worker.waitFor(text => !text.includes('✓ a.txt'));
  companion.type('x');
  await companion.waitFor(/Cancel big\.bin/);
  companion.type('k');
  await worker.waitFor(/− big\.bin +canceled/);
  worker.kill('SIGKILL');
  companion.kill('SIGKILL');
  await Promise.all([worker.ended(), companion.ended()]);

  // Another process first queues the canceled file again, then brings back the cleared ones.
  const next = jangada();
  next.type('3');
  await next.waitFor(/− big\.bin +canceled/);
  next.type('u');
  await next.waitFor(/Queued again: big\.bin\./);
  await next.waitFor(/1 run/);
  next.type('u');
  await next.waitFor(/Brought back: 2 transfers/);
  await next.waitFor(/✓ [ab]\.txt[\s\S]*✓ [ab]\.txt/);
  next.type('u');
  await next.waitFor(/There is nothing to bring back/);
  const cleared = jangada(['queue', 'clear', '--server', server.address]);
  assert.equal((await cleared.ended()).status, 0);
  await next.waitFor(text => !text.includes('✓ a.txt'));
  next.type('u');
  await next.waitFor(/Brought back: 2 transfers/);
});
