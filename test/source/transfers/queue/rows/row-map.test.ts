import assert from 'node:assert/strict';
import {test} from 'node:test';
import {newRow, type Row, rowAfter} from '../../../../../source/transfers/queue/rows/row.ts';
import {RowMap} from '../../../../../source/transfers/queue/rows/row-map.ts';
import {Rows} from '../../../../../source/transfers/queue/rows/rows.ts';
import type {ExpectedContent} from '../../../../../source/transfers/terms/expected-content.ts';
import {path} from '../../../../fixtures/harness.ts';
import {collectGarbage} from '../../../../fixtures/server/garbage.ts';

type File = {
  name?: string;
  local?: string;
  size?: number | undefined;
  seed?: string;
  expect?: ExpectedContent;
};

function row(id: number, {name = `f${id}`, local = name, ...others}: File = {}): Row {
  const file = {remotePath: path(name), folder: '/target', localPath: local, size: id};
  return newRow(id, id, {...file, onConflict: 'fail', ...others});
}

/** More rows than the map keeps as records. */
const many = 20_000;

test('a row is read back unchanged after thousands of others were used', () => {
  const rows: Row[] = [
    row(1, {name: 'folder/sub/a.txt'}),
    row(2, {name: 'folder/sub/b.txt', local: 'sub/b.txt'}),
    row(3, {name: 'folder/sub/c.txt', local: 'other.txt'}),
    row(4, {name: 'folder/\udcff\u{1f6b2}é'}),
    row(5, {name: 'folder/sub/b.txt', size: undefined}),
    row(6, {size: 0}),
    row(7, {size: Number.MAX_SAFE_INTEGER}),
    row(8, {seed: '/old/copy'}),
    row(17, {expect: {kind: 'sha256', hex: 'ab'.repeat(32)}}),
    rowAfter(row(9), {type: 'pause'}),
    rowAfter(row(10), {type: 'fail', code: 'not_found', reason: 'gone'}),
    rowAfter(row(11), {type: 'fail', code: 'not_found', reason: 'gone, too'}),
    rowAfter(row(12), {type: 'placed', position: 4.25}),
    rowAfter(row(13), {type: 'prioritized', priority: 'high'}),
    rowAfter(row(14), {type: 'named', name: 'f14 (1)'}),
    rowAfter(row(15), {type: 'cancel', deletePartial: true}),
    rowAfter(rowAfter(row(16), {type: 'start'}), {type: 'abandoned'}),
    row(5_000_000_000_000),
  ];
  const map = new RowMap();
  for (const one of rows) {
    map.set(one.id, one);
  }

  for (let round = 0; round < 2; round++) {
    for (let id = 100; id < 100 + many; id++) {
      map.set(id, row(id));
    }

    for (const {id, state} of rows) {
      assert.deepEqual(map.peek(id)?.state, state);
    }

    assert.deepEqual(
      rows.map(({id}) => map.get(id)),
      rows,
    );
    assert.equal(map.get(1), map.get(1));
  }
});

test('a changed or forgotten row stays so after thousands of others were used', () => {
  const map = new RowMap();
  for (let id = 1; id <= many; id++) {
    map.set(id, row(id));
  }

  map.set(7, rowAfter(row(7), {type: 'pause'}));
  map.set(8, undefined);
  for (let id = 1000; id <= many; id++) {
    assert.equal(map.get(id)?.id, id);
  }

  assert.deepEqual(
    [6, 7, 8, 9].map(id => map.get(id)?.state.name),
    ['queued', 'paused', undefined, 'queued'],
  );
  assert.equal(map.peek(8), undefined);
});

test('a row in use stays the same record while thousands of others come and go', () => {
  const map = new RowMap();
  const first = rowAfter(row(1), {type: 'start'});
  map.set(1, first);
  for (let id = 2; id <= many; id++) {
    map.set(id, row(id));
    map.set(id, undefined);
  }

  assert.equal(map.get(1), first);
  assert.equal(map.get(2), undefined);
});

test('a waiting row takes less than 170 bytes, with the maps by path and target', () => {
  const count = 200_000;
  const rows = new Rows();
  // From now on the map by path exists.
  assert.equal(rows.find(path('a')), undefined);
  const bytes = () => {
    collectGarbage();
    const {heapUsed, arrayBuffers} = process.memoryUsage();
    return heapUsed + arrayBuffers;
  };
  const before = bytes();
  for (let from = 1; from <= count; from += 1000) {
    const slice = Array.from({length: 1000}, (_, index) => {
      const id = from + index;
      return row(id, {name: `archive/photos/trip-${Math.floor(id / 500)}/IMG_${id}_original.jpg`});
    });
    rows.put(slice);
    assert.ok(slice.every(one => rows.targets.reserve(one)));
  }

  const each = (bytes() - before) / count;
  assert.equal(rows.size, count);
  assert.ok(each < 170, `${each} bytes a row`);
});
