import assert from 'node:assert/strict';
import {test} from 'node:test';
import {goalsTable, rowTable} from '../../../bench/report/table.ts';
import {verdictsOf} from '../../../bench/report/verdicts.ts';
import {resultOf} from './result.ts';

const result = resultOf({jangada: [2, 1, 2], rsync: [2, 2, 3]});

test('each goal stands beside what was measured, and says whether it is met', () => {
  assert.equal(
    goalsTable(verdictsOf(result)),
    `                       compared  measured    min–max       goal
  example       rsync ÷ jangada    1.50 ×  1.00–2.00   ≥ 1.20 ×    met
             the link ÷ jangada    0.50 ×  0.50–1.00   ≥ 0.97 ×  short
                           time   2000 ms  1000–2000  ≤ 1500 ms  short
           memory of the client    100 MB    100–100   ≤ 150 MB    met
           memory of the server    200 MB    200–200   ≤ 150 MB  short`,
  );
});

test('a row shows times, processor time and memory of both sides, and which programs were left out', () => {
  assert.equal(
    rowTable(result),
    `
example: 20 files of 1 MB over a link
           seconds    min–max  rounds  CPU s here  there  a GiB   MB  there
  jangada     2.00  1.00–2.00       3        0.50   0.25   40.3  100    200
  rsync       2.00  2.00–3.00       3        0.50   0.25   40.3  100    200
  left out: lftp (not installed: lftp)`,
  );
});
