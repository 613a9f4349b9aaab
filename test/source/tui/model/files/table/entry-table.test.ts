import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import {EntryTable} from '../../../../../../source/tui/model/files/table/entry-table.ts';

const KiB = 1024;

suite('a table of entries', () => {
  test('finds each of many names, and no other, and takes none twice', () => {
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

  test('has the sizes of small and of very large files, also of those that came before a large one', () => {
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
});
