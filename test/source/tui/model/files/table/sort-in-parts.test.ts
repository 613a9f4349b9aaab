import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import {
  EntryTable,
  type SortKey,
} from '../../../../../../source/tui/model/files/table/entry-table.ts';
import {sortInParts} from '../../../../../../source/tui/model/files/table/sort-in-parts.ts';

const count = 20_000;
const keys: readonly SortKey[] = ['name', 'size', 'time', 'type'];

suite('the rows of a table sorted in parts', () => {
  for (const key of keys) {
    for (const reverse of [false, true]) {
      test(`by ${key}${reverse ? ', reversed' : ''}, are in the order of the comparison`, () => {
        const table = mixedTable();
        const order = table.order({key, reverse});
        const expected = Array.from({length: table.size}, (_, row) => row).sort(order.compare);
        assert.deepEqual([...sortInParts(table.size, order)].flat(), expected);
      });
    }
  }

  test('are none for an empty table, and one for a table of one', () => {
    const table = new EntryTable();
    const order = table.order({key: 'size', reverse: false});
    assert.deepEqual([...sortInParts(0, order)].flat(), []);
    table.add({name: 'a', type: 'file', size: 1, mtimeMs: 1});
    assert.deepEqual([...sortInParts(1, order)].flat(), [0]);
  });

  test('are those that existed at the beginning, also if others arrive and change the common prefix of the names', () => {
    const table = new EntryTable();
    for (let index = 0; index < 2000; index++) {
      table.add({name: `z${(index * 7919) % 2000}`, type: 'file', size: index % 3, mtimeMs: 0});
    }

    for (const key of ['name', 'size'] as const) {
      const {size} = table;
      const order = table.order({key, reverse: false});
      const rows: number[] = [];
      let added = 0;
      for (const part of sortInParts(size, order)) {
        rows.push(...part);
        for (let more = 0; more < 1000; more++) {
          table.add({name: `${key}-long-prefix-${added++}`, type: 'file', size: 0, mtimeMs: 0});
        }
      }

      const expected = Array.from({length: size}, (_, row) => row).sort(order.compare);
      assert.deepEqual(rows, expected);
    }
  });

  test('need few comparisons of names if their keys differ, and come in many small parts', () => {
    const table = new EntryTable();
    for (let index = 0; index < count; index++) {
      const name = `entry-${String((index * 7919) % count).padStart(8, '0')}`;
      table.add({name, type: 'file', size: index % 7, mtimeMs: index});
    }

    for (const key of ['name', 'size', 'time'] as const) {
      const order = table.order({key, reverse: false});
      let compared = 0;
      const compare = (a: number, b: number) => {
        compared++;
        return order.compare(a, b);
      };
      const parts = [...sortInParts(count, {...order, compare})];
      assert.ok(compared < count, `${key}: ${compared} comparisons`);
      const longest = Math.max(...parts.map(part => part.length));
      assert.ok(longest < count / 8, `${key}: a part of ${longest} rows`);
    }
  });
});

/** Folders and files, among them many with the same size, time or extension, and names that differ only in case. */
function mixedTable(): EntryTable {
  const table = new EntryTable();
  const extensions = ['', '.txt', '.TXT', '.jpeg2000-long', '.é', '.10', '.9'];
  for (let index = 0; index < count; index++) {
    const number = (index * 7919) % count;
    const name =
      index % 11 === 0 ? `Ähre ${number}` : index % 13 === 0 ? `${number}` : `file-${number}`;
    table.add({
      name: (index % 17 === 0 ? name.toUpperCase() : name) + extensions[index % extensions.length],
      type: index % 10 === 0 ? 'folder' : 'file',
      size: index % 4 === 0 ? 0 : number * 2 ** (index % 30),
      mtimeMs: index % 3 === 0 ? 1_700_000_000_000 : number / 4096,
    });
  }

  return table;
}
