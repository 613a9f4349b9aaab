import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import {lineWidth} from '../../../../source/tui/view/line/span.ts';
import {transferLine} from '../../../../source/tui/view/transfer-line.ts';
import {ascii, states, textOf, transfer, unicode} from './lines.ts';

suite('lines of the transfers', () => {
  const words = [
    'queued',
    'connecting',
    'checking',
    'copying',
    '61 %',
    'finishing',
    'verified',
    'paused',
    'failed: The disk is full',
    'canceled',
  ];
  for (const [index, snapshot] of states.entries()) {
    test(`${snapshot.state.name} is said in words, too`, () => {
      assert.ok(textOf(transferLine(unicode, snapshot, 110, false)).includes(words[index] ?? '?'));
    });
  }

  test('a download shows how much, how fast and how long', () => {
    const text = textOf(transferLine(unicode, transfer({name: 'downloading'}), 118, false));
    assert.match(text, /^ ↓ big\.bin +━+.*─+ {2}61 % {2}1\.3 of 2\.1 GB +200 MB\/s {2}4s left/);
  });

  test('checking shows how far, how fast and how long, as far as there is room', () => {
    const state = {name: 'checking', checkedBytes: 410_000_000, totalBytes: 1_000_000_000} as const;
    const at = (columns: number, bytesPerSecond = 300_000_000) =>
      textOf(transferLine(unicode, transfer(state, {bytesPerSecond}), columns, false));
    assert.match(
      at(118),
      /big\.bin +checking {3}41 % {2}300 MB\/s {2}2s left {2}1 GB that are here$/,
    );
    assert.match(at(78), /big\.bin +checking {3}41 % {2}300 MB\/s {2}2s left$/);
    assert.match(at(58), /big\.bin +checking {3}41 % {2}300 MB\/s {2}2s left$/);
    assert.match(at(78, 0), /big\.bin +checking {3}41 % {2}1 GB that are here$/);
    const copying = {name: 'copying', copiedBytes: 1, totalBytes: 1000} as const;
    assert.match(
      textOf(transferLine(unicode, transfer(copying), 118, false)),
      /big\.bin +copying {5}0 % {2}200 MB\/s {2}1s left {2}1 kB of the seed$/,
    );
  });

  test('a priority that is not normal is said by sign and word, until it is over', () => {
    for (const [look, sign] of [
      [unicode, '▲'],
      [ascii, '^'],
    ] as const) {
      const high = transfer({name: 'queued'}, {priority: 'high'});
      const text = textOf(transferLine(look, high, 110, false));
      assert.ok(text.includes(`big.bin${' '.repeat(25)}${sign} high  queued`), text);
    }

    const low = transfer({name: 'downloading'}, {priority: 'low'});
    assert.match(textOf(transferLine(unicode, low, 110, false)), /big\.bin +▽ low {3}━/);
    assert.match(textOf(transferLine(ascii, low, 110, false)), /big\.bin +_ low {3}#/);
    const done = transfer({name: 'done', outcome: 'verified'}, {priority: 'high'});
    assert.doesNotMatch(textOf(transferLine(unicode, done, 110, false)), /high/);
    assert.doesNotMatch(
      textOf(transferLine(unicode, transfer({name: 'queued'}), 110, false)),
      /normal|[▲▽]/,
    );
  });

  test('what was skipped is done and not verified', () => {
    const skipped = transfer({name: 'done', outcome: 'skipped'}, {verifiedBytes: 0});
    assert.doesNotMatch(textOf(transferLine(unicode, skipped, 110, false)), /verified/);
  });

  test('a reason from outside cannot drive the terminal', () => {
    const state = {name: 'failed', code: 'internal', reason: 'bad \u001b[2J\nname'} as const;
    const text = textOf(transferLine(unicode, transfer(state), 110, false));
    assert.ok(text.includes('bad \\x1b[2J\\x0aname'));
  });

  test('progress fits wherever it is shown', () => {
    for (let columns = 38; columns < 160; columns++) {
      for (const size of [1, 999_999_999_999, Number.MAX_SAFE_INTEGER]) {
        const local = {name: 'checking', checkedBytes: size / 3, totalBytes: size} as const;
        const priority = size === 1 ? 'high' : 'normal';
        for (const state of [{name: 'downloading'} as const, local]) {
          const snapshot = transfer(state, {size, verifiedBytes: size / 3, priority});
          const width = lineWidth(transferLine(unicode, snapshot, columns, true));
          assert.ok(width <= columns, `${width} in ${columns}`);
        }
      }
    }
  });
});
