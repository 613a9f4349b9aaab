import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import {displayName} from '../../../../protocol/display-text.ts';
import {parseRemotePath} from '../../../../protocol/remote-path.ts';
import type {AppView} from '../../../../source/tui/model/app.ts';
import {type FilesView, parentRow} from '../../../../source/tui/model/files/files-view.ts';
import type {HereState} from '../../../../source/tui/model/here/here-state.ts';
import {
  filesSentences,
  folderSentences,
  rowSentence,
} from '../../../../source/tui/reader/files-sentences.ts';
import {hereNews} from '../../../../source/tui/reader/here-sentence.ts';
import {row} from '../view/lines.ts';
import {queueOf} from './queue-of.ts';

const files: FilesView = {
  path: parseRemotePath('fotos'),
  found: undefined,
  rows: [parentRow, row, {...row, path: parseRemotePath('fotos/a'), name: displayName('a')}],
  cursor: 1,
  marked: [false, true, false],
  position: 3,
  shown: 17,
  total: 17,
  loading: false,
  isOffline: false,
  heldKeys: 0,
  sorting: false,
  error: undefined,
  note: undefined,
  refused: undefined,
  options: {sort: {key: 'name', reverse: false}, showHidden: false, filter: ''},
  marks: {files: 1, folders: 0, bytes: 7_510_000},
};

const differs: HereState = {name: 'differs', percent: undefined};

function view(more: Partial<FilesView> = {}, here: ReadonlyArray<HereState | undefined> = []) {
  const link: AppView['link'] = {name: 'connected'};
  const server = displayName('files.example.org');
  return {files: {...files, ...more}, here, link, server, transfers: queueOf([])};
}

suite('sentences about files', () => {
  test('a row has its name, size, time, local copy, mark and position', () => {
    assert.equal(
      rowSentence(files, row, differs),
      'barco.jpg, 7.51 MB, changed 12 Jan, the file here differs, marked. 3 of 17.',
    );
    const folder = {...row, name: displayName('notes/'), type: 'folder'} as const;
    assert.equal(
      rowSentence({...files, marked: []}, folder, undefined),
      'notes, folder, changed 12 Jan. 3 of 17.',
    );
    assert.equal(rowSentence(files, parentRow, undefined), 'The folder above, before 17 entries.');
  });

  test('a folder is described with its server, its entries and their order, and then the row', () => {
    assert.deepEqual(folderSentences(view({}, [undefined, differs])), [
      'Folder fotos of files.example.org, 17 entries, sorted by name.',
      'barco.jpg, 7.51 MB, changed 12 Jan, the file here differs, marked. 3 of 17.',
    ]);
  });

  test('while a folder is read its rows are not said; at its end the folder and the row are', () => {
    const reading = view({loading: true, total: 0, shown: 0, rows: [parentRow], cursor: 0});
    assert.deepEqual(filesSentences(view({path: parseRemotePath('')}), reading), [
      'Reading. Folder fotos of files.example.org.',
    ]);
    const more = view({loading: true, total: 5000, shown: 5000});
    assert.deepEqual(filesSentences(reading, more), []);
    assert.equal(filesSentences(more, view()).length, 2);
  });

  test('after a move the row is said, and without a change nothing', () => {
    assert.deepEqual(filesSentences(view(), view()), []);
    assert.deepEqual(filesSentences(view(), view({cursor: 2, position: 4})), [
      'a, 7.51 MB, changed 12 Jan. 4 of 17.',
    ]);
  });

  test('marks are said as files and bytes, before the row under the cursor', () => {
    const marks = {files: 2, folders: 1, bytes: 62_800_000};
    assert.deepEqual(filesSentences(view(), view({marks, cursor: 2, position: 4})), [
      'Marked: 2 files, 62.8 MB and 1 folder.',
      'a, 7.51 MB, changed 12 Jan. 4 of 17.',
    ]);
    const none = {files: 0, folders: 0, bytes: 0};
    assert.deepEqual(filesSentences(view(), view({marks: none})), ['Nothing is marked any more.']);
  });

  test('another order and a filter are said with the folder', () => {
    const options = {sort: {key: 'size', reverse: true}, showHidden: false, filter: 'oa'} as const;
    assert.equal(
      filesSentences(view(), view({options, shown: 2}))[0],
      'Folder fotos of files.example.org, 17 entries, filter oa, 2 shown, sorted by size, the other way round.',
    );
  });

  test('the reason for an empty folder takes the place of the row', () => {
    const error = displayName('It may not be read');
    const [folder, why] = folderSentences(view({error, shown: 0, total: 0, rows: []}));
    assert.match(folder ?? '', /^Folder fotos of files\.example\.org, 0 entries/);
    assert.match(why ?? '', /cannot be read: It may not be read\. Press r to try again\./);
  });

  test("a new state of the row's copy is said once, and work on it is not", () => {
    const state = (name: HereState['name']): HereState => ({name, percent: undefined});
    const at = (name: HereState['name']) => view({}, [undefined, state(name)]);
    assert.deepEqual(filesSentences(at('unknown'), at('same')), ['barco.jpg: the same is here.']);
    assert.deepEqual(filesSentences(at('same'), at('nothing')), ['barco.jpg: gone from here.']);
    assert.deepEqual(filesSentences(at('unknown'), at('nothing')), []);
    const fetched = {...at('same'), transfers: queueOf([], {done: 1})};
    assert.deepEqual(filesSentences(at('nothing'), fetched), [], 'its transfer tells it');
    for (const working of ['queued', 'fetching', 'checking', 'finishing', 'paused'] as const) {
      assert.equal(hereNews(state(working), state('same')), undefined);
      assert.equal(hereNews(state('nothing'), state(working)), undefined);
    }
  });
});
