import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import {displayName} from '../../../../../protocol/display-text.ts';
import {parseRemotePath, rootPath} from '../../../../../protocol/remote-path.ts';
import type {LinkState} from '../../../../../source/client/client.ts';
import {say} from '../../../../../source/tui/text/say.ts';
import {faded, fileLine, headLine} from '../../../../../source/tui/view/files/file-line.ts';
import {filesHeading} from '../../../../../source/tui/view/files/heading.ts';
import {emptySentence, noteRows, noteSentence} from '../../../../../source/tui/view/files/notes.ts';
import {lineWidth} from '../../../../../source/tui/view/line/span.ts';
import {row, textOf, unicode} from '../lines.ts';

suite('lines of the files', () => {
  const props = {row, columns: 80, cursor: true, marked: true, here: undefined};

  test('a row has its marks, name, size and date', () => {
    assert.match(textOf(fileLine(unicode, props)), /^▌ ● barco\.jpg +7\.51 MB {2}12 Jan {16}$/);
  });

  test('a folder has no size, and an entry that is neither file nor folder has an unknown one', () => {
    const sized = (type: 'folder' | 'other') =>
      textOf(fileLine(unicode, {...props, row: {...row, type}}));
    assert.match(sized('folder'), /barco\.jpg +– {2}12 Jan/);
    assert.match(sized('other'), /barco\.jpg +\? {2}12 Jan/);
  });

  test('narrow panes leave out the date, and keep the name', () => {
    const found = {...row, name: displayName('fotos/2024/a-long-name/barco.jpg')};
    assert.match(
      textOf(fileLine(unicode, {...props, row: found, columns: 36})),
      /● …\S*name\/barco\.jpg +7\.51 MB/,
    );
    assert.match(textOf(fileLine(unicode, {...props, columns: 50})), /barco\.jpg +7\.51 MB {11}$/);
    assert.match(textOf(fileLine(unicode, {...props, columns: 36})), /barco\.jpg +7\.51 MB {3}$/);
  });

  test('the heads are over their columns, and the sorted one shows the direction', () => {
    for (const columns of [46, 71, 125]) {
      const heads = textOf(headLine(unicode, {key: 'size', reverse: true}, columns));
      const line = textOf(
        fileLine(unicode, {...props, columns, here: {name: 'same', percent: undefined}}),
      );
      assert.equal(heads.indexOf('Name'), line.indexOf('barco.jpg'));
      assert.equal(heads.indexOf('Size ▼') + 'Size ▼'.length, line.indexOf('MB') + 'MB'.length);
      assert.equal(heads.indexOf('Changed'), line.indexOf('12 Jan'));
      assert.equal(heads.indexOf('Here'), line.indexOf('✓'));
    }
  });

  test('an order that no column shows is named', () => {
    const heads = (key: 'name' | 'time' | 'type', columns: number) =>
      textOf(headLine(unicode, {key, reverse: false}, columns));
    assert.match(heads('name', 46), /Name ▲ /);
    assert.match(heads('type', 71), /Name by type ▲ /);
    assert.match(heads('time', 71), /Changed ▲/);
    assert.match(heads('time', 46), /Name by time ▲ /);
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
          fileLine(unicode, {
            ...props,
            columns,
            row: wide,
            here: {name: 'differs', percent: undefined},
          }),
        );
        assert.ok(width <= columns, `${width} in ${columns}`);
      }
    }
  });

  const view = {
    path: parseRemotePath('a'),
    found: undefined,
    rows: [],
    cursor: -1,
    marked: [],
    position: 0,
    shown: 0,
    total: 0,
    loading: false,
    heldKeys: 0,
    sorting: false,
    isOffline: false,
    error: undefined,
    note: undefined,
    refused: undefined,
    options: {sort: {key: 'name', reverse: false}, showHidden: false, filter: ''},
    marks: {files: 0, folders: 0, bytes: 0},
  } as const;

  test('the wall has the path and the position at any width, and the marks in as many words as fit', () => {
    const full = {
      ...view,
      path: parseRemotePath('a-long-folder/and-another/and-the-last'),
      position: 3,
      shown: 4,
      total: 5,
      marks: {files: 2, folders: 0, bytes: 62_800_000},
    };
    for (let columns = 38; columns < 150; columns++) {
      const {title, aside} = filesHeading(unicode, full, columns, true);
      assert.ok(lineWidth(title) + lineWidth(aside) + 6 <= columns, `in ${columns} columns`);
      assert.match(textOf(title), /^1 Files \S*last$/);
      assert.match(textOf(aside), /^● 2 (?:marked )?· 62\.8 MB(?: ─ 3 of 4.*)?$/);
    }

    const {aside} = filesHeading(unicode, full, 118, true);
    assert.equal(textOf(aside), '● 2 marked · 62.8 MB ─ 3 of 4 · 1 not shown');
  });

  test('marked folders are counted as folders, because their sizes are unknown', () => {
    const marked = (marks: {files: number; folders: number; bytes: number}) =>
      textOf(filesHeading(unicode, {...view, marks}, 118, true).aside);
    assert.match(marked({files: 0, folders: 1, bytes: 0}), /^● 1 folder marked ─/);
    assert.match(marked({files: 0, folders: 2, bytes: 0}), /^● 2 folders marked ─/);
    assert.match(marked({files: 2, folders: 1, bytes: 9}), /^● 3 marked · 9 B and 1 folder ─/);
  });

  test('an empty pane says why, and what to do', () => {
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

  test('without a connection one line shows the time of the next attempt, in place of the error', () => {
    const link = {name: 'connected'} as const;
    const notes = (isOffline: boolean, retryInSeconds: number) =>
      noteRows(
        unicode,
        {...view, shown: 1, isOffline, error: say`It was lost.`},
        {link, retryInSeconds},
        70,
      ).map(({line}) => textOf(line));
    assert.deepEqual(notes(true, 5), [' ✗ Not connected, trying again in 5s.']);
    assert.deepEqual(notes(true, 0), [' ✗ Not connected, trying again now.']);
    assert.deepEqual(notes(false, 0), [' ✗ Press r to read on. It was lost.']);
  });

  test('earlier entries are faint, except for the cursor and the mark', () => {
    const line = faded(fileLine(unicode, {...props, here: {name: 'same', percent: undefined}}));
    assert.deepEqual([...new Set(line.map(({tone}) => tone))].sort(), [
      'accent',
      'faint',
      'warning',
    ]);
    assert.match(textOf(line), /barco\.jpg.*✓ same/);
  });

  test('a silent folder says how to stop, and a huge one that it is not complete', () => {
    const place = {path: parseRemotePath('a'), found: undefined};
    const quiet = {note: 'quiet', total: 0, ...place} as const;
    assert.equal(
      noteSentence(quiet),
      'Press r to read it again, h to leave it: the server has sent nothing for a minute.',
    );
    assert.match(noteSentence({...quiet, path: rootPath}), /^Press r to read it again: the server/);
    assert.equal(
      noteSentence({...quiet, note: 'full', total: 2_000_000}),
      'Only 2,000,000 entries are shown: this folder has too many.',
    );
  });

  suite('a search', () => {
    const found = {text: say`sail`, count: 0, unsearched: undefined, isStopped: false};
    const wide: LinkState = {name: 'connected'};
    const words = (more: object): string => {
      const {title, aside} = filesHeading(unicode, {...view, found, ...more}, 90, true);
      return `${textOf(title)} | ${textOf(aside)}`;
    };

    test('shows in the wall the text, the number of results, and whether it still runs', () => {
      assert.match(words({loading: true}), /find 'sail' Esc ends it \| 0 found · searching…$/);
      const some = {position: 3, shown: 17, total: 17, found: {...found, count: 17}};
      assert.match(words(some), /\| 3 of 17 found$/);
      // In a narrow wall, the words about Esc are left out first.
      const {title} = filesHeading(unicode, {...view, ...some}, 44, true);
      assert.match(textOf(title), /find 'sail'$/);
      const more = {...some, found: {...found, count: 134_000, isStopped: true}};
      assert.match(words(more), /\| 3 of 17 · 134,000 found · stopped$/);
    });

    test('says why it has no results, and what to do', () => {
      const sentence = (more: object) =>
        emptySentence({...view, path: parseRemotePath('a'), found, ...more}, wide, say`…`) ?? '';
      assert.match(sentence({loading: true}), /^Searching \/a…Esc stops|^Searching \/a… Esc stops/);
      assert.match(sentence({}), /^Nothing below \/a has such a name\. Press Esc/);
      assert.match(sentence({found: {...found, isStopped: true}}), /stopped.*Press r/);
      assert.match(sentence({error: say`Bad mask.`}), /^Nothing was found: Bad mask\. Press r/);
    });

    test('says which places it has left out, and that it keeps only some results', () => {
      const unsearched = {count: 2, path: parseRemotePath('a/secret'), reason: 'no right'};
      const rows = noteRows(
        unicode,
        {...view, shown: 1, total: 1, note: 'full', found: {...found, count: 9, unsearched}},
        {link: wide, retryInSeconds: 0},
        200,
      ).map(({line}) => textOf(line));
      assert.match(rows[0] ?? '', /Only 1 entry of 9 are kept/);
      assert.match(rows[1] ?? '', /2 places could not be searched, '\/a\/secret' first: no right/);
    });
  });
});
