import assert from 'node:assert/strict';
import {test} from 'node:test';
import {HashIndex} from '../../../server/indexes/hash-index.ts';
import type {StoredFile} from '../../../server/store/store.ts';

const question = {algorithm: 'sha1', length: 5} as const;

/** Of a file the index asks only this. */
function fileOf(path: string, state: string | undefined): StoredFile {
  return {path, state} as StoredFile;
}

test('a hash is that of one path, state, algorithm and length, and of no other', () => {
  const hashes = new HashIndex();
  hashes.set(fileOf('a', 's'), question, 'known');
  assert.equal(hashes.get(fileOf('a', 's'), {...question}), 'known');
  assert.equal(hashes.get(fileOf('b', 's'), question), undefined);
  assert.equal(hashes.get(fileOf('a', 't'), question), undefined);
  assert.equal(hashes.get(fileOf('a', 's'), {...question, length: 4}), undefined);
  assert.equal(hashes.get(fileOf('a', 's'), {...question, algorithm: 'sha256'}), undefined);
});

test('of a file that has just changed no hash is kept', () => {
  const hashes = new HashIndex();
  hashes.set(fileOf('a', undefined), question, 'of an older state');
  assert.equal(hashes.get(fileOf('a', undefined), question), undefined);
  assert.equal(hashes.get(fileOf('a', 'undefined'), question), undefined);
});
