import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import {displayName} from '../../../../protocol/display-text.ts';
import {parseRemotePath, rootPath} from '../../../../protocol/remote-path.ts';
import type {DetailsView} from '../../../../source/tui/model/details/details.ts';
import type {PreviewState} from '../../../../source/tui/model/details/preview.ts';
import {
  detailsSentences,
  previewSentences,
} from '../../../../source/tui/reader/details-sentences.ts';

const path = parseRemotePath('fotos/barco.jpg');
const mtimeMs = new Date(2025, 0, 12, 9, 41, 7).getTime();
const file: DetailsView = {
  ...{path, type: 'file', size: 50_331_649, mtimeMs, version: 'v1', count: undefined},
  ...{state: {name: 'older', percent: undefined}, preview: undefined},
  seen: {
    look: {
      copy: {
        ...{folder: '/to', localPath: 'barco.jpg', file: '/to/barco.jpg'},
        ...{size: 50_331_648, mtimeMs: mtimeMs - 5000, state: 's'},
      },
      partial: undefined,
    },
    verdict: undefined,
    atMs: 0,
  },
};
const lines = Array.from({length: 9}, (_, index) => displayName(`text ${index + 1}`));
const previewed = (state: PreviewState, offset = 0): DetailsView => ({
  ...file,
  preview: {path, state, offset, isAsked: true},
});

suite('sentences about details', () => {
  test('a file is described on both sides, and different sizes never sound equal', () => {
    assert.deepEqual(detailsSentences(file), [
      'barco.jpg. There: 50,331,649 B, changed 2025-01-12 09:41:07.',
      'Here: 50,331,648 B, changed 2025-01-12 09:41:02, /to/barco.jpg.',
      'The copy here is older. d fetches the newer file.',
      'Version v1.',
    ]);
  });

  test('a folder is described with its entries', () => {
    const folder = {...file, type: 'folder', mtimeMs: undefined} as const;
    assert.deepEqual(detailsSentences({...folder, count: 12}), [
      'barco.jpg: a folder of 12 entries.',
    ]);
    assert.deepEqual(detailsSentences({...folder, path: rootPath}), ['The top folder: a folder.']);
  });

  test('a preview is read with its first lines, and then with the line to which it scrolls', () => {
    const text: PreviewState = {name: 'text', encoding: 'UTF-8', lines, isCut: true};
    const opened = previewSentences(previewed({name: 'reading', percent: 9}), previewed(text));
    assert.equal(opened[0], 'Preview of barco.jpg: UTF-8, 9 lines, the beginning.');
    assert.deepEqual(
      opened.slice(1),
      lines.slice(0, 5).map((line, at) => `Line ${at + 1}: ${line}`),
    );
    assert.deepEqual(previewSentences(previewed(text), previewed(text, 7)), ['Line 8: text 8']);
    assert.deepEqual(previewSentences(previewed(text), previewed(text)), []);
    assert.deepEqual(previewSentences(previewed(text), file), ['The preview is closed.']);
  });

  test('bytes and a failure are reported, and reading is not', () => {
    const told = (state: PreviewState) => previewSentences(file, previewed(state));
    assert.deepEqual(told({name: 'reading', percent: 9}), []);
    assert.deepEqual(told({name: 'bytes', bytes: new Uint8Array(3), isCut: false}), [
      'Preview of barco.jpg: no text, 3 bytes.',
    ]);
    assert.deepEqual(told({name: 'failed', reason: displayName('It may not be read')}), [
      'The preview cannot be shown: It may not be read.',
    ]);
  });
});
