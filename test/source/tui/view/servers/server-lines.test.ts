import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import {parseAddress} from '../../../../../protocol/address.ts';
import {displayName} from '../../../../../protocol/display-text.ts';
import type {ServerRow} from '../../../../../source/tui/model/servers/server-list.ts';
import {lineWidth} from '../../../../../source/tui/view/line/span.ts';
import {serverRows} from '../../../../../source/tui/view/servers/server-lines.ts';
import {ascii, textOf, unicode} from '../lines.ts';

const nowMs = new Date(2025, 0, 12, 12).getTime();

function row(address: string, more: Partial<ServerRow> = {}): ServerRow {
  const {host, port} = parseAddress(address);
  return {
    address: parseAddress(address),
    server: displayName(`${host}:${port}`),
    kind: more.label === undefined ? 'recent' : 'bookmark',
    usedMs: nowMs,
    label: undefined,
    left: undefined,
    ...more,
  };
}

function left(address: string, counts: Partial<NonNullable<ServerRow['left']>>) {
  return {address: parseAddress(address), waiting: 0, paused: 0, failed: 0, bytes: 0, ...counts};
}

const rows = [
  row('files.example.org/fotos/2025', {
    label: 'Home \u001b[31m',
    left: left('files.example.org', {waiting: 3, paused: 1, bytes: 62_800_000}),
  }),
  row('192.0.2.7:99', {left: left('192.0.2.7:99', {failed: 1200})}),
  row('127.0.0.1', {kind: 'local', usedMs: undefined}),
];

function drawn(columns: number, look = unicode): string[] {
  const {head, rows: lines} = serverRows(look, {rows, cursor: 1}, {columns, height: 9, nowMs});
  return [textOf(head), ...lines.map(({line}) => textOf(line))].map(text => text.trimEnd());
}

suite('the rows of servers', () => {
  test('have name, server, folder, last use and queue', () => {
    assert.deepEqual(drawn(118), [
      '    Name           Server                             Last used    Queue',
      '  ◆ Home \\x1b[31m  files.example.org:1234/fotos/2025  today 12:00  3 waiting · 1 paused · 62.8 MB',
      '▌                  192.0.2.7:99                       today 12:00  1,200 failed',
      '    this machine   127.0.0.1:1234                     –            –',
    ]);
  });

  test('on a narrow screen first leave the time out, then show only the name of a bookmark', () => {
    const [head = '', first = ''] = drawn(70);
    assert.match(head, /^ {4}Name +Server +Queue$/);
    assert.match(first, /^ {2}◆ Home \S+ +files\.e\S*…\S+ +3 waiting · 1 paused/);
    const [narrow = '', bookmark = '', recent = ''] = drawn(38);
    assert.match(narrow, /^ {4}Server +Queue$/);
    assert.match(bookmark, /^ {2}◆ Home \S+ +3 waiting/);
    assert.match(recent, /^▌ {3}192\.0\.2\.7:99 +1,200 fai/);
  });

  test('fit at any width, with the cursor on its row', () => {
    for (const look of [unicode, ascii]) {
      for (let columns = 38; columns < 200; columns++) {
        const {head, rows: lines} = serverRows(
          look,
          {rows, cursor: 1},
          {columns, height: 9, nowMs},
        );
        for (const line of [head, ...lines.map(({line}) => line)]) {
          assert.ok(lineWidth(line) <= columns, `${columns}: ${textOf(line)}`);
        }

        assert.deepEqual(
          lines.map(({cursor}) => cursor),
          [false, true, false],
        );
      }
    }
  });

  test('of a long list are those around the cursor', () => {
    const many = Array.from({length: 50}, (_, index) => row(`h${index}`));
    for (const [cursor, first] of [
      [0, 'h0:'],
      [25, 'h20:'],
      [49, 'h40:'],
    ] as const) {
      const size = {columns: 80, height: 10, nowMs};
      const {rows: lines} = serverRows(unicode, {rows: many, cursor}, size);
      assert.equal(lines.length, 10);
      assert.ok(textOf(lines[0]?.line ?? []).includes(` ${first}`), `${cursor}`);
      assert.equal(lines.filter(({cursor}) => cursor).length, 1);
    }
  });
});
