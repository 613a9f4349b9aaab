import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {test} from 'node:test';
import {errorCodes} from '../../protocol/errors.ts';
import {statusOf} from '../../source/commands/results/exit-status.ts';

const page = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8');
const lines = [...page.matchAll(/^\| `(\w+)` \| (\d+) \| ([^|]+) \| ([^|]+) \|$/gm)];

test('the page of errors has one line for each code, with its exit status', () => {
  assert.deepEqual(
    lines.map(([, code, status]) => [code, Number(status)]),
    errorCodes.map(code => [code, statusOf(code)]),
  );
});

test('each line of the page of errors says in sentences what happened and what to do', () => {
  for (const [, code, , meaning = '', advice = ''] of lines) {
    assert.match(meaning, /^[A-Z`].*\.$/, code);
    assert.match(advice, /^[A-Z`].*\.$/, code);
  }
});
