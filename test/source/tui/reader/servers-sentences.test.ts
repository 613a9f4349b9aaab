import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import {parseAddress} from '../../../../protocol/address.ts';
import {displayName} from '../../../../protocol/display-text.ts';
import type {ServersView} from '../../../../source/tui/model/servers/servers-screen.ts';
import {serversPlace, serversSentences} from '../../../../source/tui/reader/servers-sentences.ts';

const address = parseAddress('files.example.org/fotos');
const server = displayName('files.example.org:1234');
const none: ServersView = {
  size: {columns: 120, rows: 40},
  rows: [
    {address, kind: 'bookmark', label: 'holidays', server, usedMs: undefined, left: undefined},
    {
      ...{address: parseAddress('127.0.0.1'), kind: 'local', label: undefined},
      ...{server: displayName('127.0.0.1:1234'), usedMs: undefined, left: undefined},
    },
  ],
  cursor: 0,
  ...{work: undefined, failure: undefined, trouble: undefined},
  ...{prompt: undefined, message: undefined, help: undefined},
};

suite('sentences about servers', () => {
  test('the list is said in numbers, and each row under the cursor', () => {
    const row = 'holidays, files.example.org:1234/fotos, bookmark. 1 of 2.';
    assert.deepEqual(serversSentences(undefined, none), [
      'Servers: 1 bookmark, 0 recent. Enter opens one; type an address to open another.',
      row,
    ]);
    assert.deepEqual(serversPlace(none), [row]);
    assert.deepEqual(serversSentences(none, {...none, cursor: 1}), [
      '127.0.0.1:1234, this machine. 2 of 2.',
    ]);
    assert.deepEqual(serversSentences(none, none), []);
  });

  test('connecting and its failure are each said once', () => {
    const work = {...none, work: {name: 'connecting', server} as const};
    assert.deepEqual(serversSentences(none, work), [
      'Connecting to files.example.org:1234. Escape gives up.',
    ]);
    assert.deepEqual(serversSentences(work, work), []);
    const failure = {address, text: displayName('Nobody answers there.'), isToOpen: true};
    const failed = {...none, failure};
    assert.deepEqual(serversSentences(work, failed), [
      'Nobody answers there.',
      'a brings the address back, to be changed or tried again.',
    ]);
    assert.deepEqual(serversSentences(failed, failed), []);
  });

  test('a name from outside cannot control the terminal', () => {
    const label = 'x\u001b]0;owned\u0007';
    const rows = none.rows.map(row => ({...row, label}));
    assert.match(serversPlace({...none, rows})[0] ?? '', /^x\\x1b\]0;owned\\x07, /);
  });
});
