import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import {displayName} from '../../../../protocol/display-text.ts';
import {parseRemotePath} from '../../../../protocol/remote-path.ts';
import type {LinkState} from '../../../../source/client/client.ts';
import type {BlockVerdict, VerifyReport} from '../../../../source/transfers/download/verify.ts';
import type {TransferSnapshot} from '../../../../source/transfers/queue/queue.ts';
import {defaultLimits} from '../../../../source/transfers/terms/limits.ts';
import type {TransferState} from '../../../../source/transfers/terms/transfer-state.ts';
import {helpLength} from '../../../../source/tui/keys/keymap.ts';
import type {FileRow} from '../../../../source/tui/model/files/files-view.ts';
import {lineEditor} from '../../../../source/tui/model/line-editor.ts';
import {asciiGlyphs, unicodeGlyphs} from '../../../../source/tui/terminal/glyphs.ts';
import {chooseTheme} from '../../../../source/tui/terminal/theme.ts';
import {say} from '../../../../source/tui/text/say.ts';
import {dialogRows} from '../../../../source/tui/view/dialog.tsx';
import {emptySentence, fileLine} from '../../../../source/tui/view/files-pane.tsx';
import {promptLine} from '../../../../source/tui/view/footer.tsx';
import {headerLine} from '../../../../source/tui/view/header.tsx';
import {helpRows} from '../../../../source/tui/view/help.tsx';
import {bar, sparkline} from '../../../../source/tui/view/line/bar.ts';
import {type Line, lineWidth} from '../../../../source/tui/view/line/span.ts';
import type {Look} from '../../../../source/tui/view/look.ts';
import {transferLine} from '../../../../source/tui/view/transfer-line.ts';
import {asideLine} from '../../../../source/tui/view/transfers-pane.tsx';
import {verdictMap} from '../../../../source/tui/view/verdict-map.ts';
import {verifierLines} from '../../../../source/tui/view/verifier-pane.tsx';

const theme = chooseTheme({});
const unicode: Look = {glyphs: unicodeGlyphs, theme};
const ascii: Look = {glyphs: asciiGlyphs, theme};
const textOf = (line: Line): string => line.map(({text}) => text).join('');

function transfer(state: TransferState, more: Partial<TransferSnapshot> = {}): TransferSnapshot {
  return {
    id: 1,
    remotePath: parseRemotePath('fotos/big.bin'),
    target: '/downloads/big.bin',
    size: 2_100_000_000,
    receivedBytes: 0,
    verifiedBytes: 1_300_000_000,
    reusedBytes: 0,
    begunAnew: false,
    copiedBytes: 0,
    bytesPerSecond: 200_000_000,
    priority: 'normal',
    state,
    ...more,
  };
}

const states: readonly TransferSnapshot[] = [
  transfer({name: 'queued'}),
  transfer({name: 'connecting'}),
  transfer({name: 'checking', checkedBytes: 41, totalBytes: 100}),
  transfer({name: 'copying', copiedBytes: 41, totalBytes: 100}),
  transfer({name: 'downloading'}),
  transfer({name: 'finishing'}),
  transfer({name: 'done', outcome: 'verified'}, {verifiedBytes: 2_100_000_000}),
  transfer({name: 'paused'}),
  transfer({name: 'failed', code: 'no_space', reason: 'The disk is full'}),
  transfer({name: 'canceled'}),
];

const report = (blocks: BlockVerdict[], equal = false): VerifyReport => ({
  remotePath: parseRemotePath('f'),
  localFile: '/downloads/f',
  algorithm: 'sha256',
  localSize: 3,
  remoteSize: 3,
  blocks,
  good: blocks.filter(verdict => verdict === 'good').length,
  bad: blocks.filter(verdict => verdict === 'bad').length,
  missing: blocks.filter(verdict => verdict === 'missing').length,
  localRoot: 'a'.repeat(64),
  remoteRoot: 'b'.repeat(64),
  equal,
});

const row: FileRow = {
  path: parseRemotePath('fotos/barco.jpg'),
  name: displayName('barco.jpg'),
  type: 'file',
  size: displayName('7.51 MB'),
  date: displayName('2025-01-12'),
  time: displayName('2025-01-12 09:41'),
};

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
    assert.match(text, /^ ↓ big\.bin +█+.*─+ {2}61 % {2}1\.3 of 2\.1 GB +200 MB\/s {2}4s left/);
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
    assert.match(textOf(transferLine(unicode, low, 110, false)), /big\.bin +▽ low {3}█/);
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

suite('lines of the files', () => {
  const props = {row, columns: 70, cursor: true, marked: true, transfer: undefined};

  test('a row has its marks, name, size and time', () => {
    assert.match(
      textOf(fileLine(unicode, props)),
      /^●▸ barco\.jpg +7\.51 MB {2}2025-01-12 09:41 $/,
    );
  });

  test('narrow panes leave out the time, then the date, and keep the name', () => {
    assert.match(textOf(fileLine(unicode, {...props, columns: 50})), /barco\.jpg.*2025-01-12 $/);
    assert.match(textOf(fileLine(unicode, {...props, columns: 36})), /barco\.jpg +7\.51 MB $/);
  });

  test('any name fits any pane', () => {
    for (const name of [
      '日本語のファイル名'.repeat(5),
      'x'.repeat(255),
      '👩‍👩‍👧'.repeat(40),
      'é',
    ]) {
      for (let columns = 38; columns < 120; columns++) {
        const wide = {...row, name: displayName(name)};
        const width = lineWidth(
          fileLine(unicode, {...props, columns, row: wide, transfer: states[0]}),
        );
        assert.ok(width <= columns, `${width} in ${columns}`);
      }
    }
  });

  test('an empty pane says why, and what to do', () => {
    const view = {
      path: parseRemotePath('a'),
      rows: [],
      cursor: -1,
      marked: [],
      position: 0,
      shown: 0,
      total: 0,
      loading: false,
      sorting: false,
      error: undefined,
      refused: undefined,
      options: {sort: {key: 'name', reverse: false}, showHidden: false, filter: ''},
      marks: {files: 0, folders: 0, bytes: 0},
    } as const;
    let link: LinkState = {name: 'connected'};
    const sentence = (more: Partial<typeof view> | object) =>
      emptySentence({...view, ...more}, link, say`...`) ?? '';
    assert.match(sentence({}), /is empty\. Press h/);
    assert.match(sentence({loading: true}), /^Reading/);
    assert.match(sentence({error: say`No connection.`}), /No connection\. Press r/);
    assert.match(sentence({total: 3}), /hidden names.*Press \. to/);
    assert.match(sentence({total: 3, options: {...view.options, filter: 'x'}}), /'x'.*Esc/);
    assert.equal(sentence({shown: 1}), '');
    link = {
      name: 'waiting',
      ...{retryInMs: 1, retryAtMs: 0, brief: '', reason: 'Nobody listens there.'},
    };
    assert.match(sentence({loading: true}), /^Nobody listens there\. Trying again/);
  });
});

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
    const state = {name: 'compared', report: report(['good', 'bad', 'missing'])} as const;
    const view = {
      path: parseRemotePath('f'),
      copy: undefined,
      state,
      hash: {name: 'none'},
    } as const;
    const text = verifierLines(unicode, {view, folder: say`/d`}, 44, 12).map(textOf).join('\n');
    assert.match(text, /✗ differs/);
    assert.match(text, /■ 1 good {2}□ 1 missing {2}✗ 1 bad/);
    assert.match(text, /R fetches 2 blocks and keeps 1\./);
    assert.match(text, /here {3}a+…a+\nthere {2}b+…b+/);
  });

  test('in a small pane the verdict stays', () => {
    const state = {
      name: 'compared',
      report: report(Array<BlockVerdict>(500).fill('good'), true),
    } as const;
    const view = {
      path: parseRemotePath('f'),
      copy: undefined,
      state,
      hash: {name: 'none'},
    } as const;
    for (let rows = 1; rows < 12; rows++) {
      const lines = verifierLines(unicode, {view, folder: say`/d`}, 38, rows);
      assert.ok(lines.length <= rows);
      assert.match(textOf(lines[0] ?? []), /equal/);
    }
  });
});

suite('bars', () => {
  test('a bar is full only when all is done', () => {
    assert.equal(textOf(bar(unicodeGlyphs, 0, 8, 8)), '────────');
    assert.equal(textOf(bar(unicodeGlyphs, 4, 8, 8)), '████────');
    assert.equal(textOf(bar(unicodeGlyphs, 999, 1000, 8)), '███████▉');
    assert.equal(textOf(bar(unicodeGlyphs, 8, 8, 8)), '████████');
    assert.equal(textOf(bar(unicodeGlyphs, 3, 8, 3)), '');
  });

  test('a sparkline is as high as the highest value', () => {
    assert.equal(textOf(sparkline(unicodeGlyphs, [0, 50, 100], 8)), '▁▄█');
    assert.equal(textOf(sparkline(unicodeGlyphs, [1, 2, 3], 2)), '▆█');
    assert.equal(textOf(sparkline(unicodeGlyphs, [], 8)), '');
  });
});

suite('the rest of the screen', () => {
  const queue = {
    rows: [],
    total: 9,
    active: 2,
    queued: 9,
    waiting: 0,
    failed: 0,
    done: 0,
    bytesPerSecond: 182_000_000,
    speedHistory: [1, 2, 3],
    worker: undefined,
    unwritten: 0,
    limits: defaultLimits,
  };

  test('the header says when there is no connection, and why', () => {
    const link = {
      name: 'waiting',
      retryInMs: 8000,
      retryAtMs: 0,
      reason: 'No connection: nobody listens there',
      brief: 'nobody listens there',
    } as const;
    const props = {server: say`host:1234`, link, queue, columns: 120};
    const text = (retryInSeconds: number) =>
      textOf(headerLine(unicode, {...props, retryInSeconds}));
    assert.match(text(8), /no connection, trying again in 8s: nobody listens there/);
    assert.match(text(0), /no connection, trying again now: nobody listens there/);
  });

  test('the header is as wide as the screen', () => {
    for (let columns = 40; columns < 160; columns++) {
      const link = {name: 'connected'} as const;
      const props = {server: say`files.example.org:1234`, link, retryInSeconds: 0, queue, columns};
      const line = headerLine(unicode, props);
      assert.equal(lineWidth(line), columns);
    }
  });

  test('the header of a companion says which process works, in the words that fit', () => {
    const link = {name: 'connected'} as const;
    const companion = {...queue, worker: {host: 'lab', pid: 4711}};
    const text = (columns: number) => {
      const props = {server: say`host:1234`, link, retryInSeconds: 0, queue: companion, columns};
      const line = headerLine(unicode, props);
      assert.equal(lineWidth(line), columns);
      return textOf(line);
    };
    assert.match(text(140), /process 4711 works here; this screen steers it/);
    assert.match(text(100), /host:1234 {2}process 4711 works here /);
    for (let columns = 40; columns < 160; columns++) {
      text(columns);
    }
  });

  test('a narrow header has the server and what is going on, of a long queue too', () => {
    const link = {name: 'connected'} as const;
    const long = {...queue, active: 1100, queued: 69_200, bytesPerSecond: 12_100_000};
    const props = {server: say`127.0.0.1:36979`, link, retryInSeconds: 0, queue: long, columns: 60};
    assert.match(textOf(headerLine(unicode, props)), /^ 127.*1,100 active · 69,200 queued $/);
    assert.match(
      textOf(headerLine(unicode, {...props, queue})),
      /^ 127.0.0.1:36979 .* 2 active · 9 queued $/,
    );
    assert.match(
      textOf(headerLine(unicode, {...props, queue, columns: 80})),
      /^ jangada {2}127.0.0.1:36979 .* 2 active · 9 queued $/,
    );
  });

  test('a limit of the speed is said in the header, or on narrow screens with the transfers', () => {
    const limited = {...queue, limits: {...defaultLimits, bytesPerSecond: 2_500_000}};
    const link = {name: 'connected'} as const;
    for (let columns = 40; columns < 160; columns++) {
      const props = {
        server: say`files.example.org:1234`,
        link,
        retryInSeconds: 0,
        queue: limited,
        columns,
      };
      const line = headerLine(unicode, props);
      assert.equal(lineWidth(line), columns);
      const aside = asideLine(
        unicode,
        {rows: [], cursor: -1, position: 0, queue: limited},
        columns,
      );
      const places = [line, aside].filter(words => textOf(words).includes('limit 2.5 MB/s'));
      assert.equal(places.length, 1, `in ${columns} columns`);
      const idle = headerLine(unicode, {...props, queue: {...limited, active: 0, queued: 0}});
      assert.equal(textOf(idle).includes('limit 2.5 MB/s'), places[0] === line);
    }

    const view = {rows: [], cursor: -1, position: 0, queue};
    assert.doesNotMatch(textOf(asideLine(unicode, view, 50)), /limit/);
  });

  test('what is wrong with a typed line is seen on any screen, with as much of the line as fits', () => {
    const complaint = say`'${displayName('fast')}' will not do: type 500k or none.`;
    const view = {label: say`Speed in all:`, hint: say`Enter sets it`, line: lineEditor('fast')};
    for (let columns = 40; columns < 120; columns++) {
      const line = promptLine(unicodeGlyphs, {...view, complaint}, columns);
      assert.equal(lineWidth(line), columns);
      assert.match(textOf(line), /fast▏ {2}'fast' will not/);
      assert.equal(textOf(line).includes('Speed in all'), columns > 60, `in ${columns} columns`);
    }

    const quiet = promptLine(unicodeGlyphs, {...view, complaint: undefined}, 80);
    assert.match(textOf(quiet), /^ Speed in all: fast▏ +Enter sets it $/);
  });

  test('the help screen has every key', () => {
    assert.equal(helpRows(unicode).length, helpLength);
  });

  test('with ASCII signs nothing but ASCII is drawn', () => {
    const state = {name: 'compared', report: report(['good', 'bad', 'missing'])} as const;
    const view = {
      path: parseRemotePath('f'),
      copy: undefined,
      state,
      hash: {name: 'none'},
    } as const;
    const choices = [{key: 'q', label: say`Quit`, detail: say`stop ${'x'.length}`}];
    const lines: Line[] = [
      ...states.map(snapshot => transferLine(ascii, snapshot, 60, true)),
      ...states.map(row => transferLine(ascii, {...row, priority: 'low'}, 60, true)),
      fileLine(ascii, {row, columns: 30, cursor: true, marked: true, transfer: states[5]}),
      ...verifierLines(ascii, {view, folder: say`/d`}, 30, 20),
      headerLine(ascii, {
        server: say`host:1`,
        link: {name: 'connected'},
        retryInSeconds: 0,
        queue,
        columns: 100,
      }),
      ...helpRows(ascii).map(({line}) => line),
      ...dialogRows(
        ascii,
        {title: say`Quit?`, body: [say`one two`], choices, cursor: 0, all: true, forAll: say`all`},
        {columns: 60, rows: 20},
      ).map(({line}) => line),
    ];
    for (const line of lines) {
      assert.match(textOf(line), /^[\x20-\x7e]*$/);
    }
  });
});
