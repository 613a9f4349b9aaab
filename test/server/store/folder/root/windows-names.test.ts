import assert from 'node:assert/strict';
import {test} from 'node:test';
import {whyNotWindowsPath} from '../../../../../server/store/folder/root/windows-names.ts';

test('rows 11, 12: on Windows, names with a special meaning there are never looked up', () => {
  const refused = [
    'a\\b',
    'C:x',
    'CON',
    'con.txt',
    'x/NUL',
    'f:stream',
    'dot.',
    'space ',
    'a /b',
    'COM¹',
  ];
  for (const path of refused) {
    assert.notEqual(whyNotWindowsPath(path), undefined, path);
  }

  for (const path of ['', 'a/b', 'console', '.hidden', 'com10', 'a b']) {
    assert.equal(whyNotWindowsPath(path), undefined, path);
  }
});
