import assert from 'node:assert/strict';
import {existsSync} from 'node:fs';
import {join} from 'node:path';
import type {TestContext} from 'node:test';
import {test} from 'node:test';
import {until} from '../../../../fixtures/harness.ts';
import {openApp} from '../open-app.ts';

const enter = '\r';

/** `a.txt`, `b.md` and `c.md` are marked, a filter hides the first, and `d` is pressed. */
async function downloadFiltered(t: TestContext) {
  const screen = await openApp(t, {'a.txt': '1', 'b.md': '2', 'c.md': '3', 'd.md': '4'});
  screen.type(`   /md${enter}`);
  await until(() => screen.names().length === 3);
  screen.type('d');
  const dialog = () => screen.app.view().dialog;
  await until(() => dialog() !== undefined);
  assert.equal(dialog()?.title, 'Marked, but not shown: 1 entry');
  assert.equal(dialog()?.body[0], 'a.txt');
  const has = (name: string) => existsSync(join(screen.target, name));
  return {screen, has, marks: () => screen.app.view().files.marks.files};
}

test('marks that a filter hides are reported before a download, which may include them', async t => {
  const {screen, has, marks} = await downloadFiltered(t);
  assert.equal(screen.app.view().transfers.queue.total, 0);
  screen.type('a');
  await until(() => screen.app.view().transfers.queue.done === 3);
  assert.ok(has('a.txt') && has('b.md') && has('c.md') && !has('d.md'));
  assert.equal(marks(), 0);
});

test('the download can leave out hidden marks, which then stay', async t => {
  const {screen, has, marks} = await downloadFiltered(t);
  screen.type('s');
  await until(() => screen.app.view().transfers.queue.done === 2);
  assert.ok(!has('a.txt') && has('b.md') && has('c.md'));
  assert.equal(marks(), 1);
});

test('without a yes nothing is downloaded, and all marks stay', async t => {
  const {screen, marks} = await downloadFiltered(t);
  screen.type('n');
  await until(() => screen.app.view().dialog === undefined);
  assert.equal(marks(), 3);
  assert.equal(screen.app.view().transfers.queue.total, 0);
});
