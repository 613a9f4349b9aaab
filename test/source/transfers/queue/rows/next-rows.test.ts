import assert from 'node:assert/strict';
import {test} from 'node:test';
import {openFiles} from '../../../../../source/transfers/disk/open-files.ts';
import {nextRows} from '../../../../../source/transfers/queue/rows/next-rows.ts';
import {newRow, type Row} from '../../../../../source/transfers/queue/rows/row.ts';
import {path} from '../../../../fixtures/harness.ts';

/** Small files, so many in each folder. */
function smallRows(count: number, perFolder: number): Row[] {
  return Array.from({length: count}, (_, index) => {
    const name = `d${Math.floor(index / perFolder)}/f${index}`;
    const file = {remotePath: path(name), localPath: name, size: 1};
    return newRow(index + 1, index + 1, {...file, folder: '/target', onConflict: 'fail'});
  });
}

test('small files that go together are in so many folders as each slot may hold open, one at least', () => {
  const rows = smallRows(600, 1);
  const isTaken = () => false;
  for (const slots of [1, 4, 16, 1000]) {
    const most = Math.max(1, Math.min(64, Math.floor(openFiles.folders / slots)));
    assert.equal(nextRows(rows, 0, slots, isTaken).length, most, `${slots}`);
  }

  assert.equal(nextRows(smallRows(600, 600), 0, 4, isTaken).length, 256);
});
