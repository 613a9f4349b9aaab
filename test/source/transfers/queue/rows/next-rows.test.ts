import assert from 'node:assert/strict';
import {test} from 'node:test';
import {openFiles} from '../../../../../source/transfers/disk/open-files.ts';
import {nextRows} from '../../../../../source/transfers/queue/rows/next-rows.ts';
import {newRow, type Row} from '../../../../../source/transfers/queue/rows/row.ts';
import {path} from '../../../../fixtures/harness.ts';

/** `count` small files, `perFolder` in each folder. */
function smallRows(count: number, perFolder: number, size = 1): Row[] {
  return Array.from({length: count}, (_, index) => {
    const name = `d${Math.floor(index / perFolder)}/f${index}`;
    const file = {remotePath: path(name), localPath: name, size};
    return newRow(index + 1, index + 1, {...file, folder: '/target', onConflict: 'fail'});
  });
}

function nextOf(rows: readonly Row[], slots: number, looked?: () => void): Row[] {
  const at = (index: number) => {
    looked?.();
    return rows[index];
  };
  const peek = (index: number) => rows[index];
  return nextRows(
    {at, peek, length: rows.length},
    {from: 0, queued: rows.length, slots, isTaken: () => false},
  );
}

test('a group of small files has at most as many folders as a slot may hold open, and at least one', () => {
  const rows = smallRows(600, 1);
  for (const slots of [1, 4, 16, 1000]) {
    const most = Math.max(1, Math.min(64, Math.floor(openFiles.folders / slots)));
    assert.equal(nextOf(rows, slots).length, most, `${slots}`);
  }

  assert.equal(nextOf(smallRows(600, 600), 4).length, 256);
});

test('only the rows of a group are looked at, however many wait behind them', () => {
  const rows = smallRows(50_000, 50_000);
  let looks = 0;
  const next = nextOf(rows, 4, () => {
    looks++;
  });
  assert.equal(next.length, 512);
  assert.ok(looks <= 513, `${looks}`);
});

test('a single slot gets a large group, so that a link with a long round trip is seldom idle, but not too many bytes', () => {
  const count = (slots: number, size: number) => nextOf(smallRows(9000, 9000, size), slots).length;
  assert.deepEqual(
    [count(1, 4096), count(2, 4096), count(4, 4096), count(16, 4096)],
    [2048, 1024, 512, 256],
  );
  assert.equal(count(1, 65_536), 512);
  assert.equal(count(1, 1_048_576), 256);
});
