import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import {layoutFor, type Pane, panes} from '../../../../../source/tui/model/layout.ts';
import {say} from '../../../../../source/tui/text/say.ts';
import {lineWidth, span} from '../../../../../source/tui/view/line/span.ts';
import {paneWalls} from '../../../../../source/tui/view/walls/pane-walls.ts';
import {ascii, textOf, unicode} from '../lines.ts';

const headings = {
  files: {title: [span(say`1 Files`)], aside: [span(say`3 of 4`)]},
  verifier: {title: [span(say`2 Verifier`)], aside: []},
  transfers: {title: [span(say`3 Transfers`)], aside: [span(say`2 done`)]},
};

function walls(columns: number, rows: number, focus: Pane, look = unicode) {
  const layout = layoutFor({columns, rows}, focus, {transfers: 2});
  return paneWalls(look, {layout, focus, columns, headings, foot: []});
}

suite('walls that panes share', () => {
  test('side by side, the titles are in the walls above their panes', () => {
    const [first = [], second = [], third = []] = walls(70, 24, 'files');
    assert.match(textOf(first), /^╭─ 1 Files ─+ 3 of 4 ─┬─ 2 Verifier ─+╮$/);
    assert.match(textOf(second), /^├─ 3 Transfers ─+┴─+ 2 done ─┤$/);
    assert.match(textOf(third), /^╰─+╯$/);
    assert.equal(textOf(first).indexOf('┬'), textOf(second).indexOf('┴'));
  });

  test('one below the other, a folded pane consists of its wall', () => {
    const first = (focus: Pane) => walls(60, 15, focus).map(line => textOf(line).slice(0, 14));
    const titles = ['╭─ 1 Files ───', '├─ 2 Verifier ', '╰─ 3 Transfers'];
    assert.deepEqual(first('files'), titles);
    assert.deepEqual(first('verifier'), titles);
    assert.deepEqual(first('transfers'), [
      ...titles.slice(0, 2),
      '├─ 3 Transfers',
      '╰─────────────',
    ]);
  });

  test('they are as wide as the screen at any size, and in ASCII on request', () => {
    for (let columns = 40; columns < 140; columns++) {
      for (const focus of panes) {
        for (const line of walls(columns, 20, focus)) {
          assert.equal(lineWidth(line), columns);
        }

        for (const line of walls(columns, 20, focus, ascii)) {
          assert.match(textOf(line), /^[\x20-\x7e]*$/);
        }
      }
    }
  });

  test('the walls around the pane with the keys have another tone', () => {
    const active = (focus: Pane) =>
      walls(70, 24, focus).map(line =>
        textOf(line.filter(({tone}) => tone === 'frameActive')).replaceAll(/─+/g, '─'),
      );
    assert.deepEqual(active('files'), ['╭─┬', '├─┴', '']);
    assert.deepEqual(active('verifier'), ['┬─╮', '┴─┤', '']);
    assert.deepEqual(active('transfers'), ['', '├─┴─┤', '╰─╯']);
  });
});
