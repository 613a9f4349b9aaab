import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import {parseRemotePath} from '../../../../../protocol/remote-path.ts';
import {lineWidth} from '../../../../../source/tui/view/line/span.ts';
import {transferLine} from '../../../../../source/tui/view/transfers/transfer-line.ts';
import {ascii, states, textOf, transfer, unicode} from '../lines.ts';

const downloading = {name: 'downloading'} as const;
const textIn = (columns: number, row = transfer(downloading), options = {}) =>
  textOf(transferLine(unicode, row, columns, options));

suite('lines of the transfers', () => {
  const words = [
    'waiting',
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
      assert.ok(textIn(110, snapshot).includes(words[index] ?? '?'));
    });
  }

  test('a download shows bytes, speed and time left; the least important is left out first', () => {
    assert.match(textIn(118), /^ ↓ big\.bin .* {2}61 % {6}1\.3 \/ 2\.1 GB {4}200 MB\/s {5}4 s $/);
    assert.match(textIn(78), /^ ↓ big\.bin .* {2}61 % {4}200 MB\/s {5}4 s $/);
    assert.match(textIn(58), /^ ↓ big\.bin .* {2}61 % {4}200 MB\/s {5}4 s $/);
    assert.match(textIn(38), /^ ↓ big\.bin .* {2}61 % {5}4 s $/);
  });

  test('columns are aligned, whatever the rows show', () => {
    const rows = [
      transfer(downloading, {id: 1, receivedBytes: 23_100_000, verifiedBytes: 0, size: 40_000_000}),
      transfer(downloading, {id: 2, size: 999_000_000_000_000, bytesPerSecond: 1_010_000}),
      transfer(downloading, {id: 3, bytesPerSecond: 0, begunAnew: true}),
      transfer(downloading, {id: 4, priority: 'high'}),
      transfer({name: 'checking', checkedBytes: 41, totalBytes: 100}),
      transfer({name: 'paused'}),
    ];
    for (const columns of [38, 58, 78, 98, 118, 198]) {
      const ends = rows.map(row => textIn(columns, row).indexOf(' %'));
      assert.deepEqual(
        ends,
        ends.map(() => ends[0]),
        `in ${columns} columns`,
      );
    }
  });

  test('the size keeps its column when the copy has changed since', () => {
    const done = transfer({name: 'done', outcome: 'verified'}, {size: 5_300_000});
    for (const copy of ['changed', 'differs', 'gone'] as const) {
      assert.match(textIn(118, done, {copy}), / {2}5\.3 MB $/);
    }
  });

  test('on a wide screen a bar takes the spare space, beside the percent', () => {
    assert.match(textIn(198), /[━─] {2,4}61 % /);
  });

  test('received bytes are drawn as they arrive, in another tone than verified ones', () => {
    const at = (receivedBytes: number, verifiedBytes: number) =>
      transferLine(unicode, transfer(downloading, {receivedBytes, verifiedBytes, size: 100}), 78);
    assert.match(textOf(at(57, 0)), / 57 % /);
    assert.match(textOf(at(57, 57)), / 57 % /);
    assert.equal(textOf(at(57, 0)), textOf(at(57, 57)));
    assert.notDeepEqual(at(57, 0), at(57, 57));
    assert.notDeepEqual(at(57, 28), at(57, 57));
  });

  test('the sign of a running transfer turns, and other signs do not', () => {
    const sign = (row = transfer(downloading), turn: number) => textIn(78, row, {turn}).charAt(1);
    assert.equal(new Set([0, 1, 2, 3].map(turn => sign(undefined, turn))).size, 4);
    assert.equal(sign(undefined, 6), sign(undefined, 0));
    const still = transfer({name: 'queued'});
    assert.equal(new Set([0, 1, 2].map(turn => sign(still, turn))).size, 1);
  });

  test('the folder of a file follows its name if there is space, without its beginning', () => {
    const at = (name: string, columns: number) =>
      textIn(columns, transfer({name: 'queued'}, {remotePath: parseRemotePath(name)}));
    assert.match(at('fotos/2025/ondas.txt', 118), /^ · ondas\.txt {2}fotos\/2025 +waiting/);
    assert.match(at('fotos/2025/ondas.txt', 78), /^ · ondas\.txt {2}fotos\/2025 {2}waiting/);
    assert.match(at('all/fotos/2025/ondas.txt', 78), /^ · ondas\.txt {2}…otos\/2025 {2}waiting/);
    assert.match(at('fotos/2025/ondas.txt', 58), /^ · ondas\.txt +waiting/);
    assert.match(at('ondas.txt', 118), /^ · ondas\.txt +waiting/);
  });

  test('a row that stands for others shows their number', () => {
    const text = (row: ReturnType<typeof transfer>) => textIn(118, row, {more: 6});
    assert.match(
      text(transfer({name: 'queued'})),
      /big\.bin {2}fotos +waiting, then 6 more +2\.1 GB $/,
    );
    assert.match(
      text(transfer({name: 'done', outcome: 'verified'})),
      /verified, and 6 more done +2\.1 GB $/,
    );
    assert.match(text(transfer({name: 'paused'})), /paused, and 6 more/);
    const failed = {name: 'failed', code: 'internal', reason: 'no'} as const;
    assert.match(text(transfer(failed)), /failed, and 6 more: no/);
  });

  test('a paused transfer shows its progress and the key that resumes it', () => {
    const row = transfer({name: 'paused'});
    assert.match(textIn(118, row), / 61 % +1\.3 \/ 2\.1 GB +paused ─ p goes on $/);
    assert.match(textIn(58, row), / 61 % .*paused/);
  });

  test('checking shows bytes, speed and time left, as far as they fit', () => {
    const state = {name: 'checking', checkedBytes: 410_000_000, totalBytes: 1_000_000_000} as const;
    const at = (columns: number, bytesPerSecond = 300_000_000) =>
      textIn(columns, transfer(state, {bytesPerSecond}));
    assert.match(at(118), / 41 % {5}checking 1 GB {4}300 MB\/s {5}2 s $/);
    assert.match(at(78), / 41 % {4}checking {5}2 s $/);
    assert.match(at(118, 0), / 41 % {5}checking 1 GB +$/);
    const copying = {name: 'copying', copiedBytes: 1, totalBytes: 1000} as const;
    assert.match(textIn(118, transfer(copying)), / 0 % +copying 1 kB +200 MB\/s +1 s $/);
  });

  test('a file of unknown size shows the bytes so far, and no percent', () => {
    const row = transfer(downloading, {
      size: undefined,
      receivedBytes: 7_000_000,
      verifiedBytes: 0,
    });
    assert.match(textIn(118, row), /7 MB so far/);
    assert.doesNotMatch(textIn(118, row), /%/);
  });

  test('a priority other than normal is shown by sign and word, until the transfer is settled', () => {
    for (const [look, sign] of [
      [unicode, '▲'],
      [ascii, '^'],
    ] as const) {
      const high = transfer({name: 'queued'}, {priority: 'high'});
      const text = textOf(transferLine(look, high, 110));
      assert.ok(text.includes(`big.bin  fotos${' '.repeat(18)}${sign} high  waiting`), text);
    }

    const low = transfer(downloading, {priority: 'low'});
    assert.match(textIn(110, low), /big\.bin {2}fotos +▽ low {3}\S/);
    assert.match(textOf(transferLine(ascii, low, 110)), /big\.bin {2}fotos +_ low {3}\S/);
    const done = transfer({name: 'done', outcome: 'verified'}, {priority: 'high'});
    assert.doesNotMatch(textIn(110, done), /high/);
    assert.doesNotMatch(textIn(110, transfer({name: 'queued'})), /normal|[▲▽]/);
  });

  test('a skipped file is done and not verified', () => {
    const skipped = transfer({name: 'done', outcome: 'skipped'}, {verifiedBytes: 0});
    assert.doesNotMatch(textIn(110, skipped), /verified/);
  });

  test('a reason from outside cannot control the terminal', () => {
    const state = {name: 'failed', code: 'internal', reason: 'bad \u001b[2J\nname'} as const;
    assert.ok(textIn(110, transfer(state)).includes('bad \\x1b[2J\\x0aname'));
  });

  test('every row fills its columns exactly, whatever its numbers are', () => {
    for (let columns = 38; columns < 160; columns++) {
      for (const size of [0, 1, 999_999_999_999, Number.MAX_SAFE_INTEGER]) {
        for (const row of states) {
          const state =
            row.state.name === 'checking'
              ? ({name: 'checking', checkedBytes: size / 3, totalBytes: size} as const)
              : row.state;
          const more = {size, verifiedBytes: size / 3, bytesPerSecond: size / 7};
          const priority = size === 1 ? 'high' : 'normal';
          const line = transferLine(unicode, transfer(state, {...more, priority}), columns, {
            cursor: true,
            more: size === 0 ? 1_000_000 : 0,
          });
          assert.equal(lineWidth(line), columns, textOf(line));
        }
      }
    }
  });
});
