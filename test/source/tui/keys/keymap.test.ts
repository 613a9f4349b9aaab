import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import {bindingOf, bindings, keyLabel} from '../../../../source/tui/keys/keymap.ts';
import {panes} from '../../../../source/tui/model/layout.ts';
import {asciiGlyphs, unicodeGlyphs} from '../../../../source/tui/terminal/glyphs.ts';
import {keysLine} from '../../../../source/tui/view/bars/key-line.ts';
import {lineWidth} from '../../../../source/tui/view/line/span.ts';

suite('the table of keys', () => {
  test('no key has two meanings in one pane', () => {
    for (const pane of panes) {
      const keys = bindings.filter(binding => binding.pane === pane).flatMap(({keys}) => keys);
      assert.equal(new Set(keys).size, keys.length, `a key of ${pane} is there twice`);
    }

    const shared = bindings.filter(({pane}) => pane === undefined).flatMap(({keys}) => keys);
    assert.equal(new Set(shared).size, shared.length);
  });

  test('no pane overrides a key that all panes share', () => {
    const shared = bindings.filter(({pane}) => pane === undefined).flatMap(({keys}) => keys);
    for (const {pane, keys, text} of bindings) {
      assert.ok(
        pane === undefined || keys.every(key => !shared.includes(key)),
        `'${text}' in ${pane} hides a key of all panes`,
      );
    }
  });

  test('arrows never change the pane', () => {
    for (const pane of panes) {
      for (const key of ['up', 'down', 'left', 'right']) {
        assert.doesNotMatch(
          bindingOf(key, pane)?.text ?? '',
          /pane|^(?:files|verifier|transfers)$/,
        );
      }
    }
  });

  test('each key has a short label', () => {
    const labels = ['up', 'ctrl-u', 'f5', 'pageup', 'shift-tab', 'space', 'G', '*', 'escape'].map(
      key => keyLabel(key, unicodeGlyphs),
    );
    assert.deepEqual(labels, ['↑', 'Ctrl-U', 'F5', 'PgUp', 'Shift-Tab', 'Space', 'G', '*', 'Esc']);
  });

  test('the footer fits at any width and always shows the keys for help and for quitting', () => {
    for (const glyphs of [unicodeGlyphs, asciiGlyphs]) {
      for (const pane of panes) {
        for (let columns = 40; columns < 200; columns++) {
          const line = keysLine(glyphs, {focus: pane, idle: []}, columns);
          assert.ok(lineWidth(line) <= columns);
          assert.match(line.map(({text}) => text).join(''), /\? help {2}q quit/);
        }
      }
    }
  });
});
