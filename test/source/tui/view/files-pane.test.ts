import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import {displayName} from '../../../../protocol/display-text.ts';
import {parseRemotePath, rootPath} from '../../../../protocol/remote-path.ts';
import type {LinkState} from '../../../../source/client/client.ts';
import {say} from '../../../../source/tui/text/say.ts';
import {emptySentence, fileLine, noteSentence} from '../../../../source/tui/view/files-pane.tsx';
import {lineWidth} from '../../../../source/tui/view/line/span.ts';
import {row, states, textOf, unicode} from './lines.ts';

suite('lines of the files', () => {
  const props = {row, columns: 70, cursor: true, marked: true, transfer: undefined};

  test('a row has its marks, name, size and time', () => {
    assert.match(
      textOf(fileLine(unicode, props)),
      /^▌ ● barco\.jpg +7\.51 MB {2}2025-01-12 09:41 $/,
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
      heldKeys: 0,
      sorting: false,
      error: undefined,
      note: undefined,
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

  test('a folder of which nothing comes says how to stop, and a huge one that it is not whole', () => {
    const quiet = {note: 'quiet', total: 0, path: parseRemotePath('a')} as const;
    assert.equal(
      noteSentence(quiet),
      'Press r to read anew, h to leave it: the server has sent nothing for a minute.',
    );
    assert.match(noteSentence({...quiet, path: rootPath}), /^Press r to read anew: the server/);
    assert.equal(
      noteSentence({...quiet, note: 'full', total: 2_000_000}),
      'Only 2,000,000 entries are shown: this folder has too many.',
    );
  });
});
