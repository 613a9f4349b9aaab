import assert from 'node:assert/strict';
import {test} from 'node:test';
import {chooseRows, rows} from '../../../bench/rows/rows.ts';

const namesOf = (...words: string[]) => chooseRows(words).map(({name}) => name);

test('a word chooses the row of that name, or all rows whose names begin with it and a dash', () => {
  assert.deepEqual(namesOf('half'), ['half']);
  assert.deepEqual(namesOf('small-again'), [
    'small-again-skip',
    'small-again-newer',
    'small-again-resume',
    'small-again-known',
  ]);
  assert.deepEqual(namesOf('large'), ['large-tmpfs', 'large-ext4']);
});

test('without a name all rows are chosen, once each', () => {
  assert.equal(chooseRows([]).length, rows.length);
  assert.equal(new Set(rows.map(({name}) => name)).size, rows.length);
});

test('all unknown rows are named', () => {
  assert.throws(
    () => chooseRows(['half', 'smal', 'large-']),
    /Unknown row: 'smal', 'large-'\. --list/,
  );
});

test('rows with the same data follow each other, so that the data is made once', () => {
  const changes = rows.filter(({recipe}, index) => rows[index - 1]?.recipe.name !== recipe.name);
  assert.equal(changes.length, new Set(rows.map(({recipe}) => recipe.name)).size);
});
