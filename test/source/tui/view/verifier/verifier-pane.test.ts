import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import type {BlockVerdict} from '../../../../../source/transfers/download/verify.ts';
import type {BlockState, BlockView} from '../../../../../source/transfers/terms/block-view.ts';
import type {VerifierView} from '../../../../../source/tui/model/verifier/verifier.ts';
import {unicodeGlyphs} from '../../../../../source/tui/terminal/glyphs.ts';
import {say} from '../../../../../source/tui/text/say.ts';
import {bar} from '../../../../../source/tui/view/line/bar.ts';
import {lineWidth} from '../../../../../source/tui/view/line/span.ts';
import {blockMap} from '../../../../../source/tui/view/verifier/block-map.ts';
import {verifierLines} from '../../../../../source/tui/view/verifier/verifier-pane.tsx';
import {compared, report, textOf, unicode} from '../lines.ts';

const view = (blocks: readonly BlockState[]): BlockView => ({
  count: blocks.length,
  at: index => blocks[index] ?? 'good',
});

suite('the verifier', () => {
  test('a map has a cell for each block, distinguished by sign and not only by colour', () => {
    const blocks: BlockVerdict[] = ['good', 'bad', 'missing', 'good'];
    assert.deepEqual(blockMap(unicodeGlyphs, view(blocks), 10, 3).map(textOf), ['■✗□■']);
  });

  test('cells are in groups of eight, and each of several lines has the number of its first block', () => {
    const blocks = Array<BlockState>(40).fill('good');
    blocks[9] = 'bad';
    assert.deepEqual(blockMap(unicodeGlyphs, view(blocks), 40, 4).map(textOf), [
      '0   ■■■■■■■■ ■✗■■■■■■ ■■■■■■■■ ■■■■■■■■',
      '32  ■■■■■■■■',
    ]);
    for (let columns = 1; columns < 50; columns++) {
      for (let count = 1; count < 90; count += 7) {
        const lines = blockMap(unicodeGlyphs, view(Array(count).fill('good')), columns, 3);
        assert.ok(lines.length <= 3);
        assert.ok(lines.slice(0, -1).every(line => lineWidth(line) <= columns));
      }
    }
  });

  test('one bad block among a million is visible', () => {
    const blocks = Array<BlockVerdict>(1_000_000).fill('good');
    blocks[654_321] = 'bad';
    const lines = blockMap(unicodeGlyphs, view(blocks), 40, 6);
    assert.equal(lines.length, 6);
    assert.equal(lines.map(textOf).join('').split('✗').length, 2);
    assert.match(textOf(lines.at(-1) ?? []), /a cell: [\d,]+ blocks/);
  });

  test('a difference is shown with what a repair fetches', () => {
    const view = compared(report(['good', 'bad', 'missing']));
    const text = verifierLines(unicode, {view, folder: say`/d`}, 44, 12).map(textOf).join('\n');
    assert.match(text, /✗ differs/);
    assert.match(text, /■ 1 good {2}□ 1 missing {2}✗ 1 bad/);
    assert.match(text, /R repairs it: fetches 2 blocks, keeps 1\./);
    assert.match(text, /here {3}a+…a+\nthere {2}b+…b+/);
  });

  test('verdict, advice and digests are apart if there is space, and close together otherwise', () => {
    const view = compared(report(['good', 'bad', 'missing']));
    const lines = (rows: number) =>
      verifierLines(unicode, {view, folder: say`/d`}, 60, rows).map(textOf);
    assert.deepEqual(lines(20).slice(1, 8), [
      '■ 1 good  □ 1 missing  ✗ 1 bad  ',
      '■✗□',
      '',
      'first difference in block 1, from byte 1,048,576',
      'R repairs it: fetches 2 blocks, keeps 1.',
      '',
      'all blocks, by SHA-256  differs',
    ]);
    assert.ok(!lines(8).includes(''));
  });

  test('while both sides are read, a cell shows how much is known of its block', () => {
    const blocks: BlockState[] = ['good', 'bad', 'read', 'unread', 'unread'];
    const state = {name: 'checking', doneBytes: 3, totalBytes: 5, blocks: view(blocks)} as const;
    const lines = verifierLines(
      unicode,
      {view: {...compared(report([])), state}, folder: say`/d`},
      60,
      9,
    ).map(textOf);
    assert.match(lines[0] ?? '', /^checking .* 60 %/);
    assert.equal(lines[2]?.trim(), '■ 1 good  ✗ 1 bad  ▪ 1 read here  · 2 to read');
    assert.equal(lines[3], '■✗▪··');
    // A group shows its worst block; an unread block may still differ.
    const many = Array.from(
      {length: 100},
      (_, index): BlockState => (index === 3 ? 'bad' : index < 50 ? 'good' : 'unread'),
    );
    const [map] = blockMap(unicodeGlyphs, view(many), 10, 2);
    assert.equal(map && textOf(map), '✗■■■■·····');
  });

  test('the first difference is shown by its block, and by its byte when that is known', () => {
    const view = compared(report(['good', 'bad', 'good']));
    const text = (difference: number | undefined) =>
      verifierLines(unicode, {view: {...view, difference}, folder: say`/d`}, 60, 20)
        .map(textOf)
        .join('\n');
    assert.match(text(undefined), /first difference in block 1, from byte 1,048,576/);
    assert.match(text(1_048_600), /first difference at byte 1,048,600 \(block 1\)/);
    const same = compared(report(['good'], true));
    const lines = verifierLines(unicode, {view: same, folder: say`/d`}, 60, 20).map(textOf);
    assert.doesNotMatch(lines.join('\n'), /first difference/);
  });

  test('a requested hash is shown beside any verdict, and also for a file without a local copy', () => {
    const there = {name: 'hashedThere', algorithm: 'sha256', length: 5, there: 'c0ffee'} as const;
    const lines = (view: VerifierView, rows = 12) =>
      verifierLines(unicode, {view, folder: say`/d`}, 44, rows).map(textOf);
    const absent = {...compared(report([])), state: {name: 'absent'}, hash: there} as const;
    assert.deepEqual(lines(absent).slice(-3), [
      'SHA-256, first 5 bytes',
      'there  c0ffee',
      'here   nothing to compare',
    ]);
    assert.match(lines(absent)[0] ?? '', /^There is no copy of f/);
    // The copy has arrived since.
    const copy = {folder: '/d', localPath: 'f', file: '/d/f'};
    const verified = {...absent, copy, state: {name: 'verified', size: 5}} as const;
    assert.match(lines(verified)[0] ?? '', /same/);
    assert.equal(lines(verified).at(-1), 'there  c0ffee');
    assert.equal(lines(verified, 4).length, 4);
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
  test('a bar is full only when everything is done', () => {
    assert.equal(textOf(bar(unicodeGlyphs, 0, 8, 8)), '────────');
    assert.equal(textOf(bar(unicodeGlyphs, 4, 8, 8)), '━━━━────');
    assert.equal(textOf(bar(unicodeGlyphs, 999, 1000, 8)), '━━━━━━━╸');
    assert.equal(textOf(bar(unicodeGlyphs, 8, 8, 8)), '━━━━━━━━');
    assert.equal(textOf(bar(unicodeGlyphs, 3, 8, 3)), '');
  });
});
