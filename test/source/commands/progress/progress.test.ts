import assert from 'node:assert/strict';
import {test} from 'node:test';
import stringWidth from 'string-width';
import {parseRemotePath} from '../../../../protocol/remote-path.ts';
import {formatRanges, formatTime, shellWord} from '../../../../source/commands/format.ts';
import {Activity} from '../../../../source/commands/progress/activity.ts';
import {
  asciiStyle,
  bar,
  barStyle,
  cell,
  percent,
  unicodeStyle,
} from '../../../../source/commands/progress/bar.ts';
import {
  barLine,
  barLines,
  countingLine,
  plainLine,
  totalLine,
} from '../../../../source/commands/progress/transfer-lines.ts';
import {CommandOutput} from '../../../../source/commands/results/output.ts';
import {TransferReport} from '../../../../source/commands/transfer/report.ts';
import {Tally} from '../../../../source/commands/transfer/tally.ts';
import type {TransferSnapshot} from '../../../../source/transfers/queue/queue.ts';
import {Captured} from '../run.ts';

function row(change: Partial<TransferSnapshot> = {}): TransferSnapshot {
  return {
    id: 1,
    remotePath: parseRemotePath('photos/boat.jpg'),
    target: '/to/photos/boat.jpg',
    size: 2_000_000,
    receivedBytes: 0,
    verifiedBytes: 500_000,
    reusedBytes: 0,
    version: undefined,
    begunAnew: false,
    copiedBytes: 0,
    bytesPerSecond: 100_000,
    priority: 'normal',
    state: {name: 'downloading'},
    ...change,
  };
}

const done = {name: 'done', outcome: 'verified'} as const;

test('a bar shows eighths if the terminal can show them', () => {
  assert.equal(bar(0, 4, unicodeStyle), '────');
  assert.equal(bar(0.5, 4, unicodeStyle), '██──');
  assert.equal(bar(0.53125, 4, unicodeStyle), '██▏─');
  assert.equal(bar(1, 4, unicodeStyle), '████');
  assert.equal(bar(7, 4, unicodeStyle), '████');
  assert.equal(bar(0.99, 4, asciiStyle), '###-');
});

test('only a complete file has 100 %', () => {
  assert.equal(percent(999_999, 1_000_000), '99 %');
  assert.equal(percent(1_000_000, 1_000_000), '100 %');
  assert.equal(percent(0, 0), '100 %');
});

test('a terminal without UTF-8 gets ASCII', () => {
  assert.equal(barStyle({JANGADA_ASCII: '0'}), unicodeStyle);
  assert.equal(barStyle({JANGADA_ASCII: '1', LANG: 'en_US.UTF-8'}), asciiStyle);
});

test('a name takes exactly its columns, is cut in the middle, and controls no terminal', () => {
  for (const name of [
    'short',
    'a-very-long-name-of-a-file.tar.gz',
    '写真のフォルダと名前',
    'x\u001b[31m\n',
    '',
  ]) {
    for (const style of [unicodeStyle, asciiStyle]) {
      const text = cell(name, 12, style);
      assert.equal(stringWidth(text), 12, text);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: none may be there
      assert.doesNotMatch(text, /[\u0000-\u001f]/);
    }
  }

  assert.match(cell('a-very-long-name-of-a-file.tar.gz', 12, unicodeStyle), /^a-.*….*gz$/);
});

test('a bar line shows bytes, speed and time left, and fits', () => {
  const line = barLine(row(), 90, unicodeStyle, 46);
  assert.match(
    line,
    /^photos\/boat\.jpg +█+.?─+ {2} +25 % {2}500 kB of 2 MB {2}100 kB\/s {2}15s left$/,
  );
  for (const width of [20, 40, 60, 79, 200]) {
    assert.ok(stringWidth(barLine(row(), width, unicodeStyle, 46)) <= width, String(width));
  }
});

test('checking is shown as checking', () => {
  const state = {name: 'checking', checkedBytes: 410, totalBytes: 1000} as const;
  const at = (bytesPerSecond: number) => plainLine(row({state, bytesPerSecond}));
  assert.equal(at(0), 'photos/boat.jpg  checking 41 %');
  assert.equal(at(100), 'photos/boat.jpg  checking 41 %  100 B/s  6s left');
});

test('copying is shown as copying, also in a bar', () => {
  const state = {name: 'copying', copiedBytes: 1_000_000, totalBytes: 4_000_000} as const;
  const copying = row({state, bytesPerSecond: 1_500_000});
  assert.equal(plainLine(copying), 'photos/boat.jpg  copying 25 %  1.5 MB/s  2s left');
  assert.match(barLine(copying, 90, unicodeStyle, 46), / {2}█{5}─+ {2}copying 25 % {2}1\.5 MB\/s/);
});

test('several files have a line for all, and at most six have lines of their own', () => {
  const tally = new Tally();
  tally.addAsked(Array.from({length: 10}, () => ({size: 1_000_000})));
  tally.addDone(row({size: 1_000_000, verifiedBytes: 1_000_000, state: done}));
  const running = Array.from({length: 8}, (_, id) => row({id}));
  const update = {settled: [], running, waiting: [], waitingCount: 0, bytesPerSecond: 1_000_000};
  const lines = barLines(update, tally, false, 79, asciiStyle);
  assert.equal(lines.length, 7);
  assert.equal(lines.at(-1), '1 of 10 files  5 MB of 10 MB  1 MB/s  5s left');
});

test('while files are still counted, the totals say so and show no time left', () => {
  const tally = new Tally();
  tally.addAsked(Array.from({length: 10}, () => ({size: 1_000_000})));
  const counting = 'counting: 0 of 10 files so far  500 kB of 10 MB so far  1 MB/s';
  assert.equal(totalLine([row()], 1_000_000, tally, true), counting);
  const update = {
    settled: [],
    running: [row()],
    waiting: [],
    waitingCount: 0,
    bytesPerSecond: 1_000_000,
  };
  assert.equal(barLines(update, tally, true, 79, asciiStyle).at(-1), counting);
  assert.equal(countingLine(1, 0), 'counting: 1 file so far  0 B so far');
});

test('the total line says counting until the search has ended', async () => {
  let nowMs = 0;
  const [stdout, stderr] = [new Captured(), new Captured()];
  using output = new CommandOutput({stdout, stderr, environment: {}});
  const report = new TransferReport({output, json: false, single: false, now: () => nowMs});
  for (const counting of [true, false]) {
    report.counting = counting;
    nowMs += 10_000;
    report.count(3, 1000);
    nowMs += 10_000;
    report.update({settled: [], running: [], waiting: [], waitingCount: 0, bytesPerSecond: 0});
  }

  assert.deepEqual(stderr.text.split('\n'), [
    'counting: 3 files so far  1 kB so far',
    'counting: 0 of 0 files so far  0 B of 0 B so far  0 B/s',
    'counting: 3 files so far  1 kB so far',
    '0 of 0 files  0 B of 0 B  0 B/s',
    '',
  ]);
});

test('bytes of files that are skipped before they begin do not count as left', () => {
  const [stdout, stderr] = [new Captured(), new Captured()];
  using output = new CommandOutput({stdout, stderr, environment: {}, quiet: true});
  const report = new TransferReport({output, json: false, single: false});
  const files = ['a', 'b'].map(localPath => ({...row(), folder: '/to', localPath}));
  report.ask(files);
  files.slice(0, 1).forEach(file => {
    report.skip(file);
  });
  assert.equal(
    totalLine([], 1_000_000, report.tally, false),
    '1 of 2 files  0 B of 2 MB  1 MB/s  2s left',
  );
});

test('the summary has files, bytes, reused bytes, time and failures', () => {
  const tally = new Tally();
  for (let number = 0; number < 120; number++) {
    tally.addDone(row({size: 10_000_000, reusedBytes: number === 0 ? 340_000 : 0, state: done}));
  }

  tally.addFailed('forbidden');
  tally.addFailed('changed');
  assert.equal(
    tally.summary(3400),
    '120 files, 1.2 GB verified (340 kB reused) in 3.4s, 353 MB/s; 2 failed',
  );
});

test('ranges, times and shell words are formatted as expected', () => {
  assert.equal(formatRanges([3]), '3');
  assert.equal(formatRanges([0, 1, 2, 5, 7, 8]), '0-2, 5, 7-8');
  assert.equal(formatRanges([0, 2, 4, 6], 2), '0, 2 and 2 more');
  assert.equal(formatTime(Number.MAX_VALUE), '?');
  assert.equal(formatTime(new Date(2025, 0, 12, 14, 2).getTime()), '2025-01-12 14:02');
  assert.equal(shellWord('a/b.txt'), 'a/b.txt');
  assert.equal(shellWord("it's"), `'it'\\''s'`);
  assert.equal(shellWord('**'), `'**'`);
  assert.equal(shellWord('\u001b[2J'), `'\\x1b[2J'`);
});

test('without a terminal there is a line every ten seconds, and one line for each finished file', async () => {
  let nowMs = 0;
  const [stdout, stderr] = [new Captured(), new Captured()];
  using output = new CommandOutput({stdout, stderr, environment: {}});
  const report = new TransferReport({output, json: false, single: false, now: () => nowMs});
  report.ask([{...row(), folder: '/to', localPath: 'boat.jpg', size: 2_000_000}]);
  for (nowMs = 0; nowMs < 25_000; nowMs += 100) {
    report.update({
      settled: [],
      running: [row()],
      waiting: [],
      waitingCount: 0,
      bytesPerSecond: 100_000,
    });
  }

  const renamed = row({state: done, reusedBytes: 500_000, target: '/to/boat (2).jpg'});
  report.update({settled: [renamed], running: [], waiting: [], waitingCount: 0, bytesPerSecond: 0});
  await report.end(false, undefined);
  assert.deepEqual(stderr.text.split('\n'), [
    'photos/boat.jpg  25 %  500 kB of 2 MB  100 kB/s  15s left',
    '0 of 1 files  500 kB of 2 MB  100 kB/s  15s left',
    'photos/boat.jpg  25 %  500 kB of 2 MB  100 kB/s  15s left',
    '0 of 1 files  500 kB of 2 MB  100 kB/s  15s left',
    '',
  ]);
  assert.deepEqual(stdout.text.split('\n'), [
    'photos/boat.jpg  2 MB  verified (500 kB reused), saved as boat (2).jpg',
    '1 file, 2 MB verified (500 kB reused) in 25s, 60 kB/s',
    '',
  ]);
});

test('in a terminal bars are redrawn in place, and removed at the end', async () => {
  const [stdout, stderr] = [new Captured(80), new Captured(80)];
  using output = new CommandOutput({stdout, stderr, environment: {TERM: 'xterm'}});
  const report = new TransferReport({
    output,
    json: false,
    single: false,
    style: asciiStyle,
    now: () => 0,
  });
  report.ask([row(), row()].map(file => ({...file, folder: '/to', localPath: 'x'})));
  const update = {
    settled: [],
    running: [row(), row({id: 2})],
    waiting: [],
    waitingCount: 0,
    bytesPerSecond: 1,
  };
  report.update(update);
  assert.ok(stderr.text.startsWith('\u001b[?25l'));
  assert.equal(stderr.text.split('\n').length, 4);
  stderr.text = '';
  report.update(update);
  assert.ok(stderr.text.startsWith('\u001b[3A\r'));
  stderr.text = '';
  report.refuse('evil\u001b[2J', 'protocol', 'no');
  assert.ok(stderr.text.includes('\u001b[J\u001b[?25hjangada: evil\\x1b[2J: no\n\u001b[?25l'));
  stderr.text = '';
  await report.end(false, undefined);
  assert.equal(stderr.text, '\u001b[3A\r\u001b[J\u001b[?25h');
  assert.equal(
    stdout.text,
    '0 files, 0 B verified in 0ms, 0 B/s; 1 failed\nfailed  evil\\x1b[2J: no\n',
  );
});

test('a long job is one line in a terminal and a few lines elsewhere', () => {
  let nowMs = 0;
  const stderr = new Captured(40);
  using output = new CommandOutput({stdout: new Captured(), stderr, environment: {TERM: 'xterm'}});
  using activity = new Activity(output, () => nowMs);
  activity.show('hashing', 'big', 10, 100);
  assert.ok(stderr.text.includes('big  hashing  10 %  10 B'));

  const log = new Captured();
  using plain = new CommandOutput({stdout: new Captured(), stderr: log, environment: {}});
  using slow = new Activity(plain, () => nowMs);
  for (; nowMs <= 20_000; nowMs += 500) {
    slow.show('hashing', 'big', nowMs, 40_000);
  }

  assert.equal(log.text, 'big  hashing  25 %  10 kB\nbig  hashing  50 %  20 kB\n');
});

test('--quiet prints only errors, and no bar', async () => {
  for (const columns of [80, undefined]) {
    const [stdout, stderr] = [new Captured(columns), new Captured(columns)];
    using output = new CommandOutput({stdout, stderr, environment: {TERM: 'xterm'}, quiet: true});
    let nowMs = 0;
    const report = new TransferReport({output, json: false, single: false, now: () => nowMs});
    report.count(1, 1);
    report.ask([{...row(), folder: '/to', localPath: 'x'}]);
    report.addFolders([{remotePath: parseRemotePath('d'), target: '/to/d', made: true}]);
    nowMs = 60_000;
    report.update({
      settled: [row({state: done}), row({state: {name: 'done', outcome: 'skipped'}})],
      running: [row({id: 2, begunAnew: true})],
      waiting: [row({id: 3, state: {name: 'paused', noRoom: 'no room'}})],
      waitingCount: 1,
      bytesPerSecond: 1,
    });
    await report.end(false, undefined);
    assert.equal(stdout.text + stderr.text, '');
  }
});

test('a few files without disk space are named and all are counted; JSON events are complete', async () => {
  for (const json of [false, true]) {
    const stdout = new Captured();
    const stderr = new Captured();
    using output = new CommandOutput({stdout, stderr, environment: {}});
    const report = new TransferReport({output, json, single: false});
    const rows = (state: TransferSnapshot['state']) =>
      Array.from({length: 3000}, (_, id) =>
        row({id, remotePath: parseRemotePath(`f${id}`), state}),
      );
    const update = {settled: [], running: [], waiting: [], waitingCount: 0, bytesPerSecond: 0};
    const waiting = rows({name: 'paused', noRoom: 'no room'});
    report.tally.addAsked(waiting);
    report.update({...update, waiting: waiting.slice(0, 10), waitingCount: waiting.length});
    report.update({...update, waiting: waiting.slice(0, 10), waitingCount: waiting.length});
    const waits = stderr.text.trimEnd().split('\n');
    assert.equal(waits.length, 11);
    assert.equal(waits[9], 'f9 waits: no room');
    assert.equal(waits[10], 'and more files wait for room: the summary counts them');
    report.update({...update, settled: rows({name: 'failed', code: 'no_space', reason: 'full'})});
    report.update({
      ...update,
      settled: [row({state: {name: 'failed', code: 'changed', reason: 'changed'}})],
    });
    await report.end(false, undefined);
    const errors = stderr.text.trimEnd().split('\n').slice(11);
    assert.equal(errors.length, 22);
    assert.equal(errors[19], 'jangada: f19: full');
    assert.equal(errors[20], 'jangada: photos/boat.jpg: changed');
    assert.equal(errors[21], 'jangada: and 2980 more like f0: full');
    const results = stdout.text.trimEnd().split('\n');
    if (json) {
      assert.equal(results.filter(line => line.includes('"failed","path"')).length, 3001);
    } else {
      assert.match(results[0] ?? '', /; 3001 failed$/);
      assert.equal(results.length, 1002);
      assert.equal(results.at(-1), 'failed  and 2001 more: --json names each');
    }
  }
});
