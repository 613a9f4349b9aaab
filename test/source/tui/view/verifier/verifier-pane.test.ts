import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import type {BlockVerdict} from '../../../../../source/transfers/download/verify.ts';
import {unicodeGlyphs} from '../../../../../source/tui/terminal/glyphs.ts';
import {say} from '../../../../../source/tui/text/say.ts';
import {bar} from '../../../../../source/tui/view/line/bar.ts';
import {verdictMap} from '../../../../../source/tui/view/verifier/verdict-map.ts';
import {verifierLines} from '../../../../../source/tui/view/verifier/verifier-pane.tsx';
import {compared, report, textOf, unicode} from '../lines.ts';

suite('the verifier', () => {
  test('a map has a cell for each block, by sign and not by colour alone', () => {
    const blocks: BlockVerdict[] = ['good', 'bad', 'missing', 'good'];
    assert.deepEqual(verdictMap(unicodeGlyphs, blocks, 10, 3).map(textOf), ['■✗□■']);
  });

  test('one bad block among a million is seen', () => {
    const blocks = Array<BlockVerdict>(1_000_000).fill('good');
    blocks[654_321] = 'bad';
    const lines = verdictMap(unicodeGlyphs, blocks, 40, 6);
    assert.equal(lines.length, 6);
    assert.equal(lines.map(textOf).join('').split('✗').length, 2);
    assert.match(textOf(lines.at(-1) ?? []), /a cell: [\d,]+ blocks/);
  });

  test('what differs is said, with what a repair would fetch', () => {
    const view = compared(report(['good', 'bad', 'missing']));
    const text = verifierLines(unicode, {view, folder: say`/d`}, 44, 12).map(textOf).join('\n');
    assert.match(text, /✗ differs/);
    assert.match(text, /■ 1 good {2}□ 1 missing {2}✗ 1 bad/);
    assert.match(text, /R fetches 2 blocks and keeps 1\./);
    assert.match(text, /here {3}a+…a+\nthere {2}b+…b+/);
  });

  test('in a small pane the verdict stays', () => {
    const view = compared(report(Array<BlockVerdict>(500).fill('good'), true));
    for (let rows = 1; rows < 12; rows++) {
      const lines = verifierLines(unicode, {view, folder: say`/d`}, 38, rows);
      assert.ok(lines.length <= rows);
      assert.match(textOf(lines[0] ?? []), /same/);
    }
  });
});

suite('bars', () => {
  test('a bar is full only when all is done', () => {
    assert.equal(textOf(bar(unicodeGlyphs, 0, 8, 8)), '────────');
    assert.equal(textOf(bar(unicodeGlyphs, 4, 8, 8)), '━━━━────');
    assert.equal(textOf(bar(unicodeGlyphs, 999, 1000, 8)), '━━━━━━━╸');
    assert.equal(textOf(bar(unicodeGlyphs, 8, 8, 8)), '━━━━━━━━');
    assert.equal(textOf(bar(unicodeGlyphs, 3, 8, 3)), '');
  });
});
