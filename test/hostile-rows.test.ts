/** Each row of docs/hostile-inputs.md has a test. In each file that the row names, the title of a test has its number. */
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {test} from 'node:test';

const page = readFileSync(new URL('../docs/hostile-inputs.md', import.meta.url), 'utf8');
const rows = [...page.matchAll(/^\| (\d[^|]*) \|.*\| ([^|]+) \|$/gm)].map(([, numbers, files]) => ({
  numbers: numbersIn(numbers ?? ''),
  files: [...(files ?? '').matchAll(/`([^`]+)`/g)].map(([, file = '']) => file),
}));

test('the table of hostile inputs has every number', () => {
  const all = rows.flatMap(({numbers}) => numbers);
  const expected = Array.from({length: 48}, (_, at) => at + 1).filter(number => number !== 41);
  assert.deepEqual(all, expected);
});

for (const {files, numbers} of rows) {
  test(`the titles of tests have the row ${numbers.join(', ')}`, () => {
    assert.notEqual(files.length, 0);
    for (const file of files) {
      const text = readFileSync(new URL(file, import.meta.url), 'utf8');
      const named = new Set(
        [...text.matchAll(/\brows? (\d[\d–, ]*)|^\W*(?:test\()?['`](\d[\d–]*): /gm)].flatMap(
          ([, some, one]) => numbersIn(some ?? one ?? ''),
        ),
      );
      for (const number of numbers) {
        assert.ok(named.has(number), `${file} has no test for ${number}`);
      }
    }
  });
}

/** The numbers of a text such as `1–3, 5`. */
function numbersIn(text: string): number[] {
  return text
    .split(',')
    .filter(part => part.trim() !== '')
    .flatMap(part => {
      const [first = Number.NaN, last = first] = part.split('–').map(Number);
      return Array.from({length: last - first + 1}, (_, at) => first + at);
    });
}
