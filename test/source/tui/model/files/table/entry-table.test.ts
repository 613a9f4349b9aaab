import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import {EntryTable} from '../../../../../../source/tui/model/files/table/entry-table.ts';
import {SortedRows} from '../../../../../../source/tui/model/files/table/sorted-rows.ts';
import {collectGarbage} from '../../../../../fixtures/server/garbage.ts';

const KiB = 1024;
/** Enough entries to measure the memory of each. */
const many = 300_000;
const now = 1_795_999_600_000;

suite('a table of entries', () => {
  test('finds each of many names and no other, and takes no name twice', () => {
    const table = new EntryTable();
    const nameOf = (index: number) => (index % 5 === 0 ? `写真 ${index}` : `f${index}`);
    const count = 20_000;
    for (let index = 0; index < count; index++) {
      const entry = {name: nameOf(index), type: 'file', size: index, mtimeMs: index} as const;
      assert.equal(table.add(entry), index);
      if (index % 1000 === 0) {
        assert.equal(table.add(entry), undefined);
      }
    }

    for (let index = 0; index < count; index++) {
      assert.equal(table.find(nameOf(index)), index);
      assert.equal(table.find(`${nameOf(index)}!`), undefined);
    }

    assert.equal(table.size, count);
  });

  test('has the sizes of small and of very large files, also those before a large one', () => {
    const table = new EntryTable();
    const sizes = [0, 1, 2 ** 32 - 1, 2 ** 32, 2 ** 32 + 1, 2 ** 40 + 7, Number.MAX_SAFE_INTEGER];
    const sizeOf = (row: number) => (row < 3000 ? row * KiB : (sizes[row % sizes.length] ?? 0));
    for (let row = 0; row < 5000; row++) {
      table.add({name: `f${row}`, type: 'file', size: sizeOf(row), mtimeMs: 0});
    }

    for (let row = 0; row < 5000; row++) {
      assert.equal(table.bytes(row), sizeOf(row));
    }

    assert.equal(table.bytes(5000), 0);
  });

  test('takes at most 48 bytes for an entry with a name of 20 characters, including its place in an order', () => {
    collectGarbage();
    const before = takenBytes();
    const table = new EntryTable();
    const rows = new SortedRows(table.comparator({key: 'name', reverse: false}));
    for (let index = 0; index < many; index++) {
      const name = `entry-${String((index * 7919) % many).padStart(8, '0')}-${index}`;
      const row = table.add({name, type: 'file', size: index * 7, mtimeMs: now + index * 0.03});
      rows.insert(row ?? assert.fail());
    }

    collectGarbage();
    const bytesEach = (takenBytes() - before) / many;
    assert.ok(bytesEach <= 48, `${bytesEach} bytes`);
    assert.equal(rows.size, many);
    assert.equal(table.size, many);
  });
});

function takenBytes(): number {
  const {arrayBuffers, heapUsed} = process.memoryUsage();
  return arrayBuffers + heapUsed;
}
