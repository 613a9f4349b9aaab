import assert from 'node:assert/strict';
import {test} from 'node:test';
import {startJourney} from './journey.ts';

for (const size of [
  {columns: 120, rows: 40},
  {columns: 80, rows: 24},
  {columns: 60, rows: 15},
]) {
  test(`what was cleared comes back with u, for a screen that steers the queue, too, at ${size.columns} x ${size.rows}`, async t => {
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
