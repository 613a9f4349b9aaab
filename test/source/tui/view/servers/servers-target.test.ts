import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import {parseAddress} from '../../../../../protocol/address.ts';
import {displayName} from '../../../../../protocol/display-text.ts';
import type {ServersView} from '../../../../../source/tui/model/servers/servers-screen.ts';
import {say} from '../../../../../source/tui/text/say.ts';
import {serversContent} from '../../../../../source/tui/view/servers/servers-content.ts';
import {footLine} from '../../../../../source/tui/view/servers/servers-foot.ts';
import {serversTargetAt} from '../../../../../source/tui/view/servers/servers-target.ts';
import {helpIn} from '../help.ts';
import {textOf, unicode} from '../lines.ts';

const viewOf = (size: ServersView['size'], servers: number, cursor = 0): ServersView => ({
  size,
  cursor,
  rows: Array.from({length: servers}, (_, at) => ({
    address: parseAddress(`s${at}x:1`),
    usedMs: 1,
    label: undefined,
    kind: 'recent',
    server: displayName(`s${at}x:1`),
    left: undefined,
  })),
  work: undefined,
  failure: undefined,
  trouble: undefined,
  prompt: undefined,
  message: undefined,
  help: undefined,
});

const at = (view: ServersView, column: number, row: number) =>
  serversTargetAt(unicode, view, {column, row});

suite('what is under the mouse, on the screen of servers', () => {
  test('a row is the server that is drawn there, also in long lists and on small screens', () => {
    for (const size of [
      {columns: 120, rows: 40},
      {columns: 60, rows: 15},
      {columns: 40, rows: 10},
    ]) {
      for (const [servers, cursor] of [
        [2, 0],
        [60, 0],
        [60, 31],
        [60, 59],
      ] as const) {
        const view = viewOf(size, servers, cursor);
        const rows = serversContent(unicode, view, size.columns - 2, size.rows - 4);
        for (const [line, {line: words}] of rows.entries()) {
          const drawn = /\bs(\d+)x:1\b/.exec(textOf(words))?.[1];
          const target = at(view, 5, line + 2);
          assert.equal(target.on === 'server' ? `${target.server}` : undefined, drawn);
        }
      }
    }
  });

  test('words of the bottom line are their keys, also beside a message', () => {
    const message = {text: say`There is no shell here.`, tone: 'plain', ageSeconds: 0} as const;
    for (const view of [
      viewOf({columns: 80, rows: 24}, 1),
      {...viewOf({columns: 80, rows: 24}, 1), message},
    ]) {
      const text = textOf(footLine(unicode, view));
      const key = (words: string) => at(view, text.indexOf(words) + words.length - 1, 23);
      assert.deepEqual(key('a address'), {on: 'key', key: 'a'});
      assert.deepEqual(key('Enter open'), {on: 'key', key: 'enter'});
      assert.deepEqual(key('q quit'), {on: 'key', key: 'q'});
    }

    assert.deepEqual(at(viewOf({columns: 80, rows: 24}, 1), 79, 23), {on: 'nothing'});
  });

  test('walls, the header, help and a screen that is too small are nothing', () => {
    const size = {columns: 80, rows: 24};
    const view = viewOf(size, 1);
    for (const [column, row] of [
      [0, 3],
      [79, 3],
      [5, 0],
      [5, 1],
      [5, 22],
    ] as const) {
      assert.deepEqual(at(view, column, row), {on: 'nothing'}, `${column}, ${row}`);
    }

    assert.deepEqual(at({...view, help: helpIn(size)}, 5, 3), {on: 'nothing'});
    assert.deepEqual(at(viewOf({columns: 30, rows: 8}, 1), 5, 3), {on: 'nothing'});
  });
});
