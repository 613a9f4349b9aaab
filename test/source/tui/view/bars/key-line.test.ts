import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import {panes} from '../../../../../source/tui/model/layout.ts';
import {say} from '../../../../../source/tui/text/say.ts';
import {fitsBeside, footerLine, messageLine} from '../../../../../source/tui/view/bars/key-line.ts';
import {lineWidth} from '../../../../../source/tui/view/line/span.ts';
import {textOf, unicode} from '../lines.ts';

const {glyphs} = unicode;
const idle: readonly string[] = [];
const message = {text: say`Queued 3 files to ~/downloads.`, tone: 'plain', ageSeconds: 0} as const;

suite('the line of the keys', () => {
  test('has a message only beside the keys, and always has the keys for help and quitting', () => {
    for (const focus of panes) {
      for (let columns = 40; columns < 160; columns++) {
        const line = footerLine(glyphs, {focus, idle, message, columns});
        assert.equal(lineWidth(line), columns);
        assert.match(textOf(line), /\? help {2}q quit/);
        const fits = fitsBeside(glyphs, {focus, idle, message, columns});
        assert.equal(textOf(line).endsWith('to ~/downloads. '), fits);
      }
    }

    const line = textOf(footerLine(glyphs, {focus: 'files', idle, message, columns: 120}));
    assert.match(
      line,
      /^ → open {2}Space mark {2}d download .*q quit +Queued 3 files to ~\/downloads\. $/,
    );
  });

  test('has the key for downloads, however narrow the screen is', () => {
    for (const columns of [60, 80, 120]) {
      const line = textOf(footerLine(glyphs, {focus: 'files', idle, message: undefined, columns}));
      assert.match(line, /Space mark {2}d download .*Tab pane {2}\? help {2}q quit/);
    }

    const wide = textOf(
      footerLine(glyphs, {focus: 'files', idle, message: undefined, columns: 160}),
    );
    assert.match(wide, /: command {2}b servers {2}↑↓ move {2}Tab pane/);
  });

  test('leaves out a key that has no effect now, and the others move up', () => {
    const line = {focus: 'verifier', message: undefined, columns: 80} as const;
    const words = (idle: readonly string[]) => textOf(footerLine(glyphs, {...line, idle}));
    assert.match(words([]), /^ R repair {2}Enter open {2}p position /);
    assert.match(words(['repair', 'open']), /^ p position {2}a hash {2}v verify /);
  });

  test('has a message at the same place at any age', () => {
    for (let columns = 40; columns < 160; columns++) {
      const fits = [0, 2, 14].map(ageSeconds =>
        fitsBeside(glyphs, {focus: 'files', idle, message: {...message, ageSeconds}, columns}),
      );
      assert.equal(new Set(fits).size, 1);
    }
  });

  test('shows the age of a message after some seconds and lets it fade; an error does not fade', () => {
    const tones = (ageSeconds: number, tone: 'plain' | 'bad') =>
      messageLine(glyphs, {...message, tone, ageSeconds}).map(span => span.tone);
    assert.equal(textOf(messageLine(glyphs, message)), message.text);
    assert.match(textOf(messageLine(glyphs, {...message, ageSeconds: 2})), / · 2 s ago$/);
    assert.deepEqual(tones(0, 'plain'), ['strong']);
    assert.deepEqual(tones(6, 'plain'), ['faint', 'faint']);
    assert.deepEqual(tones(6, 'bad'), ['bad', 'faint']);
  });
});
