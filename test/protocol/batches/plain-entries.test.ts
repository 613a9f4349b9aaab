import assert from 'node:assert/strict';
import {test} from 'node:test';
import {plainEntries} from '../../../protocol/batches/plain-entries.ts';
import {answerSchemas, maxEntries} from '../../../protocol/messages.ts';

const plain = {name: 'a', type: 'file', size: 0, mtimeMs: -1.5};
const types = ['file', 'folder', 'other'] as const;

test('entries with text names are read without the schema, and unknown fields are dropped', () => {
  const value = {entries: [plain, {...plain, name: '', type: 'folder', more: 1}], others: []};
  const expected = {entries: [plain, {...plain, name: '', type: 'folder'}]};
  assert.deepEqual(plainEntries(value, types, 2), expected);
  assert.deepEqual(answerSchemas.entries.safeParse(value), {success: true, data: expected});
});

const others: readonly unknown[] = [
  ...[undefined, null, 1, 'entries', [], {}, {entries: 1}, {entries: {length: 0}}],
  {entries: Array(maxEntries + 1).fill(plain)},
  ...[
    ...[undefined, null, 'a', []],
    ...[undefined, 1, {base64: '/w=='}, '\udcff', '\ud800'].map(name => ({...plain, name})),
    ...[undefined, 'link', 'constructor', 0].map(type => ({...plain, type})),
    ...[undefined, -1, 0.5, 2 ** 53, Number.NaN, '1', 1n].map(size => ({...plain, size})),
    ...[undefined, Number.POSITIVE_INFINITY, Number.NaN, '0'].map(mtimeMs => ({...plain, mtimeMs})),
  ].map(entry => ({entries: [plain, entry]})),
];

test('other entries are left to the schema, which accepts only names in base64', () => {
  for (const value of others) {
    assert.equal(plainEntries(value, types, maxEntries), undefined);
  }

  const taken = others.filter(value => answerSchemas.entries.safeParse(value).success);
  assert.deepEqual(taken, [{entries: [plain, {...plain, name: {base64: '/w=='}}]}]);
});
