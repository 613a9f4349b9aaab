import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import {parseAddress} from '../../../../../protocol/address.ts';
import {displayName} from '../../../../../protocol/display-text.ts';
import type {ServerRow} from '../../../../../source/tui/model/servers/server-list.ts';
import {lineWidth} from '../../../../../source/tui/view/line/span.ts';
import {serverNotes} from '../../../../../source/tui/view/servers/server-notes.ts';
import {ascii, textOf, unicode} from '../lines.ts';

const address = parseAddress('h:1');
const row: ServerRow = {
  ...{address, kind: 'recent', server: displayName('h:1')},
  ...{usedMs: 1, label: undefined, left: undefined},
};
const idle = {work: undefined, failure: undefined, trouble: undefined, rows: [row], cursor: 0};
const words = (view: Parameters<typeof serverNotes>[1]): string =>
  serverNotes(unicode, view, 118, 20)
    .map(line => textOf(line).trim())
    .join('\n');

suite('the words below the servers', () => {
  test('say what to do if no server is known yet', () => {
    const said = words({...idle, rows: [{...row, kind: 'local'}]});
    assert.match(said, /^No server has been used yet\.\nType an address/);
    assert.match(said, /run jangada-server FOLDER/);
    assert.doesNotMatch(words(idle), /No server/);
  });

  test('say what is running, and how to stop it if that is possible', () => {
    const server = displayName('h:1');
    assert.match(words({...idle, work: {name: 'connecting', server}}), /h:1… Esc gives up\./);
    assert.doesNotMatch(words({...idle, work: {name: 'leaving', server}}), /Esc/);
  });

  test('say after an error how to try again, wherever the cursor is', () => {
    const failure = {address, text: displayName('It is gone.'), isToOpen: true};
    const here = words({...idle, failure});
    assert.equal(here, '✗ It is gone.\nEnter tries again; a changes the address.');
    const other = {...failure, address: parseAddress('other')};
    assert.match(words({...idle, failure: other}), /\na brings the address back/);
    assert.equal(words({...idle, failure: {...failure, isToOpen: false}}), '✗ It is gone.');
  });

  test('fit at any width and height', () => {
    const text = displayName(`No connection: ${'nothing listens there, '.repeat(9)}`);
    const view = {...idle, failure: {address, text, isToOpen: true}, trouble: text};
    for (const look of [unicode, ascii]) {
      for (let columns = 38; columns < 130; columns++) {
        for (const line of serverNotes(look, view, columns, 30)) {
          assert.ok(lineWidth(line) <= columns, textOf(line));
        }
      }

      assert.equal(serverNotes(look, view, 60, 3).length, 3);
      assert.deepEqual(serverNotes(look, view, 60, -2), []);
    }
  });
});
