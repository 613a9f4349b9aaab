import assert from 'node:assert/strict';
import {test} from 'node:test';
import {conflictQuestion} from '../../../../../source/tui/model/download/conflict-question.ts';
import {widthOf} from '../../../../../source/tui/text/width.ts';
import {path} from '../../../../fixtures/harness.ts';

/** Beside the keys and names of the choices, on a screen of 80 columns. */
const detailColumns = 50;

test('what each answer to a conflict does can be read on a screen of 80 columns', () => {
  const remotePath = path('a');
  const transfer = {remotePath, folder: '/d', localPath: 'a', size: 5, onConflict: 'fail'} as const;
  const conflict = {transfer, path: '/d/a', size: 5, mtimeMs: 1000};
  for (const mtimeMs of [500, 5000]) {
    for (const {detail} of conflictQuestion(conflict, {transfer, mtimeMs}, 2).choices) {
      assert.ok(widthOf(detail) <= detailColumns, detail);
    }
  }
});
