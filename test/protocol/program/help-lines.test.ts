import assert from 'node:assert/strict';
import {test} from 'node:test';
import {columns, wrapped} from '../../../protocol/program/help-lines.ts';

test('a paragraph is cut between words, and no line is longer than it may be', () => {
  assert.deepEqual(wrapped('aa bb cc', 5), ['aa bb', 'cc']);
  assert.deepEqual(wrapped('aa bb cc', 4), ['aa', 'bb', 'cc']);
  assert.deepEqual(wrapped('aaaaaaa b', 5), ['aaaaaaa', 'b']);
  assert.deepEqual(wrapped(''), ['']);
  const lines = wrapped(Array(50).fill('abcd').join(' '));
  // 18 words of 4 letters and the blanks between them have 89 columns of the 90.
  assert.deepEqual(
    lines.map(line => line.length),
    [89, 89, 69],
  );
});

test('rows of two columns stand below each other within 100 columns', () => {
  const long = Array(30).fill('abcd').join(' ');
  const lines = columns([
    ['-a', 'short'],
    ['--longer', long],
  ]);
  assert.deepEqual(lines.slice(0, 1), ['  -a        short']);
  assert.ok(lines[1]?.startsWith('  --longer  abcd'));
  assert.match(lines[2] ?? '', /^ {12}abcd/);
  assert.ok(lines.every(line => line.length <= 100) && (lines[1]?.length ?? 0) > 95);
  assert.deepEqual(columns([]), []);
});
