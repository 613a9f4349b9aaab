import assert from 'node:assert/strict';
import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {until} from '../../../fixtures/harness.ts';
import {openApp} from '../model/open-app.ts';

test('a repair is offered while a file differs, in a list, too, and opening a result while there is a list', async t => {
  const {app, queue, target, type} = await openApp(t, {a: 'new', b: 'same', c: 'new'});
  for (const [name, content] of Object.entries({a: 'old', b: 'same', c: 'old'})) {
    writeFileSync(join(target, name), content);
  }

  const state = () => app.view().verifier.state.name;
  type('2');
  assert.deepEqual(app.view().idle, ['repair', 'open', 'position']);
  type('1v');
  await until(() => state() === 'compared');
  type('2');
  assert.deepEqual(app.view().idle, ['open']);
  type('R');
  await until(() => state() === 'verified');
  assert.deepEqual(app.view().idle, ['repair', 'open']);
  type('1jv');
  await until(() => state() === 'compared');
  type('2');
  assert.deepEqual(app.view().idle, ['repair', 'open']);

  type('1\u0001v2');
  await until(() => app.view().results?.state === 'done');
  assert.deepEqual(app.view().idle, ['position']);
  type('R');
  await until(() => queue.totals().done === 2);
  await until(() => app.view().idle.includes('repair'));
  assert.deepEqual(app.view().idle, ['repair', 'position']);
});

test('a retry is offered only after a failure, and clearing once transfers are done', async t => {
  const {app, queue, type} = await openApp(t, {a: 'new', b: 'new'});
  type('3');
  assert.deepEqual(app.view().idle, ['retry', 'clear']);
  type('1d3');
  await until(() => queue.totals().done === 1);
  await until(() => app.view().transfers.queue.done === 1);
  assert.deepEqual(app.view().idle, ['retry']);
});
