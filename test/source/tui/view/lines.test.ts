import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import {defaultLimits} from '../../../../source/transfers/terms/limits.ts';
import {say} from '../../../../source/tui/text/say.ts';
import {headerLine} from '../../../../source/tui/view/bars/header.tsx';
import {dialogRows} from '../../../../source/tui/view/dialog.tsx';
import {fileLine} from '../../../../source/tui/view/files/file-line.ts';
import {helpRows} from '../../../../source/tui/view/help.tsx';
import {type Line, lineWidth} from '../../../../source/tui/view/line/span.ts';
import {transferLine} from '../../../../source/tui/view/transfers/transfer-line.ts';
import {asideLine} from '../../../../source/tui/view/transfers/transfers-pane.tsx';
import {verifierLines} from '../../../../source/tui/view/verifier/verifier-pane.tsx';
import {helpIn} from './help.ts';
import {ascii, compared, report, row, states, textOf, unicode} from './lines.ts';

suite('the rest of the screen', () => {
  const queue = {
    rows: [],
    total: 9,
    active: 2,
    queued: 9,
    waiting: 0,
    paused: 0,
    canceled: 0,
    bytes: {wanted: 0, here: 0, left: 0, unsized: 0},
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

  test('the header of a companion says which process works, in words that fit', () => {
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

  test('a narrow header has the server and the work, also of a long queue', () => {
    const link = {name: 'connected'} as const;
    const bytes = {wanted: 9e11, here: 4e11, left: 5e11, unsized: 0};
    const many = {total: 1_070_300, done: 401_000, active: 1100, queued: 668_200};
    const long = {...queue, ...many, bytes, bytesPerSecond: 12_100_000};
    const props = {server: say`127.0.0.1:36979`, link, retryInSeconds: 0, queue: long, columns: 60};
    assert.match(textOf(headerLine(unicode, props)), /^ 127.*401,000 of 1,070,300 · 44 % $/);
    assert.match(
      textOf(headerLine(unicode, {...props, queue})),
      /^ 127.0.0.1:36979 +▼ 182 MB\/s {2}0 of 9 · 100 % · 0 s left $/,
    );
    assert.match(
      textOf(headerLine(unicode, {...props, columns: 80})),
      /^ jangada {2}127.0.0.1:36979 .* ▼ 12.1 MB\/s {2}401,000 of 1,070,300 · 44 % · 11 h left $/,
    );
  });

  test('a speed limit is shown in the header, or on narrow screens with the transfers', () => {
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
        {
          rows: [],
          more: new Map<number, number>(),
          turn: 0,
          cursor: -1,
          position: 0,
          queue: limited,
          isOpened: false,
        },
        columns,
      );
      const places = [line, aside].filter(words => textOf(words).includes('limit 2.5 MB/s'));
      assert.equal(places.length, 1, `in ${columns} columns`);
      const idle = headerLine(unicode, {...props, queue: {...limited, active: 0, queued: 0}});
      assert.equal(textOf(idle).includes('limit 2.5 MB/s'), places[0] === line);
    }

    const view = {
      rows: [],
      more: new Map<number, number>(),
      turn: 0,
      cursor: -1,
      position: 0,
      queue,
      isOpened: false,
    };
    assert.doesNotMatch(textOf(asideLine(unicode, view, 50)), /limit/);
  });

  test('with ASCII signs only ASCII is drawn', () => {
    const view = compared(report(['good', 'bad', 'missing']));
    const choices = [{key: 'q', label: say`Quit`, detail: say`stop ${'x'.length}`}];
    const lines: Line[] = [
      ...states.map(snapshot => transferLine(ascii, snapshot, 60, {cursor: true, turn: 3})),
      ...states.map(row => transferLine(ascii, {...row, priority: 'low'}, 60, {cursor: true})),
      fileLine(ascii, {row, columns: 30, cursor: true, marked: true, here: undefined}),
      ...verifierLines(ascii, {view, folder: say`/d`}, 30, 20),
      headerLine(ascii, {
        server: say`host:1`,
        link: {name: 'connected'},
        retryInSeconds: 0,
        queue,
        columns: 100,
      }),
      ...helpRows(ascii, helpIn({columns: 120, rows: 90})).map(({line}) => line),
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
