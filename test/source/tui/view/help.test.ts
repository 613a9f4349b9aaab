import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import {helpSections} from '../../../../source/tui/keys/help/help-sections.ts';
import {bindings} from '../../../../source/tui/keys/keymap.ts';
import {panes} from '../../../../source/tui/model/layout.ts';
import {helpRows} from '../../../../source/tui/view/help.tsx';
import {lineWidth} from '../../../../source/tui/view/line/span.ts';
import {helpIn, helpTexts} from './help.ts';
import {ascii, textOf, unicode} from './lines.ts';

const tall = 200;

suite('the help page', () => {
  test('has every key of the table once in each pane that has it', () => {
    const entries = helpSections('files', true).flatMap(({entries}) => entries);
    const keys = entries.flatMap(({keys}) => keys);
    assert.deepEqual(keys.toSorted(), bindings.flatMap(({keys}) => keys).toSorted());
  });

  test('begins with the pane that has the keys, at the top left', () => {
    const titles = {
      files: 'In the files',
      verifier: 'In the verifier',
      transfers: 'In the transfers',
    };
    for (const focus of panes) {
      for (const columns of [60, 120, 200]) {
        const view = helpIn({columns, rows: tall}, {focus});
        assert.equal(helpTexts(view)[0], titles[focus], `${focus} in ${columns} columns`);
      }
    }
  });

  test('has one column on a narrow screen, two at 120 and three at 200', () => {
    const count = (columns: number) => helpIn({columns, rows: 40}).columns.length;
    assert.deepEqual([40, 60, 80, 120, 200].map(count), [1, 1, 1, 2, 3]);
  });

  test('at 120 x 40 all of it is in sight', () => {
    const {length, room} = helpIn({columns: 120, rows: 40});
    assert.ok(length <= room, `${length} lines in ${room}`);
  });

  test('no row is wider than the screen, and all rows are equally wide', () => {
    for (let columns = 40; columns <= 220; columns++) {
      for (const look of [unicode, ascii]) {
        const widths = helpRows(look, helpIn({columns, rows: tall})).map(({line}) =>
          lineWidth(line),
        );
        assert.equal(new Set(widths).size, 1);
        assert.ok((widths[0] ?? 0) <= columns - 6, `${widths[0]} in ${columns} columns`);
      }
    }
  });

  test('a search leaves the rows that have its words, by effect or by key, and keeps the size of the box', () => {
    const size = {columns: 120, rows: 40};
    assert.deepEqual(helpTexts(helpIn(size, {search: 'UNMARK mask'})), [
      'In the files',
      'unmark entries by mask',
    ]);
    assert.deepEqual(helpTexts(helpIn(size, {search: 'ctrl-g'})), [
      'Everywhere',
      'go to a path that you type',
    ]);
    const all = helpRows(unicode, helpIn(size));
    for (const search of ['mask', 'nothing has this']) {
      const rows = helpRows(unicode, helpIn(size, {search}));
      assert.equal(rows.length, all.length);
      assert.equal(lineWidth(rows[0]?.line ?? []), lineWidth(all[0]?.line ?? []));
    }

    const [first] = helpRows(unicode, helpIn(size, {search: 'nothing has this'}));
    assert.match(textOf(first?.line ?? []), /No key matches\. Esc shows all\./);
  });

  test('mentions the mouse where it has an effect', () => {
    const titles = (mouse: boolean) => helpSections('files', mouse).map(({title}) => title);
    assert.equal(titles(true).at(-1), 'With the mouse');
    assert.equal(titles(false).length, titles(true).length - 1);
  });
});
