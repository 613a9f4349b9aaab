import assert from 'node:assert/strict';
import {test} from 'node:test';
import type {Scene} from '../../../../source/tui/model/app.ts';
import {layoutFor, type Pane, panes, type Size} from '../../../../source/tui/model/layout.ts';
import {say} from '../../../../source/tui/text/say.ts';
import {footerLine} from '../../../../source/tui/view/bars/key-line.ts';
import {targetAt} from '../../../../source/tui/view/target-at.ts';
import {textOf, unicode} from './lines.ts';

const sizes: readonly Size[] = [
  {columns: 200, rows: 60},
  {columns: 120, rows: 40},
  {columns: 80, rows: 24},
  {columns: 60, rows: 30},
  {columns: 60, rows: 15},
  {columns: 40, rows: 10},
];

function sceneOf(size: Size, focus: Pane, more: Partial<Scene> = {}): Scene {
  const layout = layoutFor(size, focus, {transfers: 6});
  const covers = {
    ...{help: undefined, dialog: undefined, prompt: undefined, message: undefined},
    ...{isOpened: false, idle: []},
  };
  return {size, layout, focus, ...covers, ...more};
}

test('each row of each pane is where the layout says, at any size', () => {
  for (const size of sizes) {
    for (const focus of panes) {
      const scene = sceneOf(size, focus);
      for (const pane of panes) {
        const {left, top, columns, rows} = scene.layout.panes[pane];
        const heads = pane === 'files' && rows >= 4 ? 1 : 0;
        for (let line = heads; line < rows; line++) {
          for (const column of [left, left + columns - 1]) {
            assert.deepEqual(targetAt(unicode, scene, {column, row: top + line}), {
              ...{on: 'pane', pane},
              line: line - heads,
            });
          }
        }

        assert.deepEqual(targetAt(unicode, scene, {column: left + 3, row: top - 1}), {
          ...{on: 'pane', pane},
          line: undefined,
        });
      }
    }
  }
});

test('every position of every screen has a target, and no target is a row that is not drawn', () => {
  for (const size of [...sizes, {columns: 30, rows: 5}]) {
    const scene = sceneOf(size, 'files');
    for (let row = 0; row <= size.rows; row++) {
      for (let column = 0; column <= size.columns; column++) {
        const target = targetAt(unicode, scene, {column, row});
        if (target.on === 'pane' && target.line !== undefined) {
          assert.ok(target.line >= 0 && target.line < scene.layout.panes[target.pane].rows);
        }
      }
    }
  }
});

test('the words of a key in the bottom line are that key, also beside a message', () => {
  const message = {text: say`Queued 3 files.`, tone: 'plain', ageSeconds: 0} as const;
  for (const columns of [40, 60, 80, 120, 200]) {
    const scene = sceneOf({columns, rows: 40}, 'files', {message});
    const words = textOf(footerLine(unicode.glyphs, {focus: 'files', idle: [], message, columns}));
    const keyOf = (word: string) =>
      targetAt(unicode, scene, {column: words.indexOf(word), row: 39});
    assert.deepEqual(keyOf('quit'), {on: 'key', key: 'q'});
    assert.deepEqual(keyOf('? help'), {on: 'key', key: '?'});
    if (words.includes('mark')) {
      assert.deepEqual(keyOf('mark'), {on: 'key', key: 'space'});
    }

    assert.deepEqual(targetAt(unicode, scene, {column: columns - 1, row: 39}), {on: 'nothing'});
  }
});

test('no key is under a typed line', () => {
  const prompt = {
    ...{text: '', caret: 0, label: say`Filter:`, hint: say``, placing: 0},
    ...{isHalf: false, complaint: undefined},
  };
  const scene = sceneOf({columns: 80, rows: 24}, 'files', {prompt});
  for (let column = 0; column < 80; column++) {
    assert.deepEqual(targetAt(unicode, scene, {column, row: 23}), {on: 'nothing'});
  }
});
