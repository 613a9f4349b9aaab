import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import {conflictQuestion} from '../../../../../source/tui/model/download/conflict-question.ts';
import {widthOf} from '../../../../../source/tui/text/width.ts';
import {path} from '../../../../fixtures/harness.ts';

/** The columns that keys and names of the choices leave on a screen of 80. */
const detailColumns = 50;

function question({here, there, hereMs = 1000, thereMs = 1000, left = 1}: Record<string, number>) {
  const size = there ?? 0;
  const transfer = {
    remotePath: path('a'),
    folder: '/d',
    localPath: 'a',
    size,
    onConflict: 'fail',
  } as const;
  const conflict = {
    ...{transfer, path: '/d/a', size: here ?? 0, mtimeMs: hereMs, state: ''},
    freeName: 'a (2)',
  };
  return conflictQuestion(conflict, {size, mtimeMs: thereMs}, left);
}

const said = (asked: ReturnType<typeof question>) =>
  Object.fromEntries(asked.choices.map(({key, label, detail}) => [key, `${label}: ${detail}`]));

suite('the question about an existing file', () => {
  test('says what each answer does', () => {
    assert.deepEqual(said(question({here: 94, there: 100, thereMs: 3001})), {
      r: 'Resume: go on at 94 %: equal blocks stay',
      o: 'Overwrite: replace it with the newer file of the server',
      n: 'New name: keep both: save as a (2)',
      w: 'If newer: replace: the file on the server is newer',
      s: 'Skip: keep the local file, fetch nothing',
    });
    const same = said(question({here: 100, there: 100}));
    assert.equal(same.r, 'Repair: fetch the blocks that differ, the others stay');
    assert.equal(same.o, 'Overwrite: replace it: fetch the whole file again');
    assert.equal(same.w, 'If newer: skip: the file on the server is not newer');
  });

  test('never shows different sizes or times as equal', () => {
    const {body} = question({here: 50_331_647, there: 50_331_648, hereMs: 1000, thereMs: 1001});
    const [here = '', there = ''] = body.map(text => text.slice(7).replace(' (newer)', ''));
    assert.match(here, /^50,331,647 B, /);
    assert.match(there, /^50,331,648 B, /);
    assert.notEqual(here.split(', ')[1], there.split(', ')[1]);
  });

  test('calls a file newer or older only if the difference is more than two seconds', () => {
    const words = (hereMs: number, thereMs: number) => {
      const asked = question({here: 1, there: 1, hereMs, thereMs});
      return [asked.body[1]?.endsWith(' (newer)'), said(asked).o, said(asked).w];
    };
    const neither = [
      false,
      'Overwrite: replace it: fetch the whole file again',
      'If newer: skip: the file on the server is not newer',
    ];
    assert.deepEqual(words(339_127.063, 339_127.187), neither);
    assert.deepEqual(words(1000, 3000), neither);
    assert.deepEqual(words(3000, 1000), neither);
    assert.deepEqual(words(1000, 3001), [
      true,
      'Overwrite: replace it with the newer file of the server',
      'If newer: replace: the file on the server is newer',
    ]);
    assert.deepEqual(words(3001, 1000), [
      false,
      'Overwrite: replace it with the older file of the server',
      'If newer: skip: the file on the server is not newer',
    ]);
  });

  test('can be answered for all further files', () => {
    assert.equal(question({here: 1, there: 2}).forAll, undefined);
    assert.equal(question({here: 1, there: 2, left: 3}).forAll, 'the same answer for all 3 files');
  });

  test('fits on a screen of 80 columns', () => {
    for (const thereMs of [500, 5000]) {
      for (const {detail} of question({here: 5, there: 5, thereMs}).choices) {
        assert.ok(widthOf(detail) <= detailColumns, detail);
      }
    }
  });
});
