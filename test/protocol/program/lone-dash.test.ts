import assert from 'node:assert/strict';
import {test} from 'node:test';
import {withDashValues} from '../../../protocol/program/lone-dash.ts';

for (const [line, joined] of [
  ['--to -', '--to=-'],
  ['a -o - b', 'a -o=- b'],
  ['--json -', '--json -'],
  ['- --to', '- --to'],
  ['--to -- -', '--to -- -'],
  ['-- --to -', '-- --to -'],
  ['--to - -', '--to=- -'],
] as const) {
  test(`'${line}' is read as '${joined}'`, () => {
    const takesValue = (word: string) => word === '--to' || word === '-o';
    assert.deepEqual(withDashValues(line.split(' '), takesValue), joined.split(' '));
  });
}
