import assert from 'node:assert/strict';
import {type TestContext, test} from 'node:test';
import type {FirstBlock} from '../../../../../source/transfers/download/first-block.ts';
import {
  Preview,
  type PreviewFile,
  type Unasked,
} from '../../../../../source/tui/model/details/preview.ts';
import {Repainter} from '../../../../../source/tui/model/repainter.ts';
import {path, until} from '../../../../fixtures/harness.ts';

const file = (name: string): PreviewFile => ({path: path(name), size: 5, mtimeMs: 1});
const text = (content: string, size = content.length): FirstBlock => ({
  bytes: Buffer.from(content),
  size,
});

/** A preview whose answers the test gives. */
function heldPreview(t: TestContext) {
  const asked: Array<{name: string; signal: AbortSignal; answer(block: FirstBlock): void}> = [];
  const repainter = new Repainter();
  const preview = new Preview(
    ({path: name}, {signal}) =>
      new Promise(answer => {
        asked.push({name, signal, answer});
      }),
    repainter,
  );
  t.after(() => {
    preview.close();
    repainter.close();
  });
  return {preview, asked};
}

/** A preview of one file with the content of `block`. */
async function shown(t: TestContext, block: FirstBlock) {
  const {preview, asked} = heldPreview(t);
  preview.open();
  preview.of(file('a'));
  await until(() => asked.length === 1);
  asked[0]?.answer(block);
  await until(() => preview.of(file('a'))?.state.name !== 'reading');
  return {preview, state: preview.of(file('a'))?.state};
}

test('nothing is fetched while the preview is closed, or for files that the cursor only passes', async t => {
  const {preview, asked} = heldPreview(t);
  assert.equal(preview.of(file('a')), undefined);
  preview.open();
  for (const name of ['a', 'b', 'c', 'd']) {
    assert.equal(preview.of(file(name))?.state.name, 'reading');
  }

  await until(() => asked.length > 0);
  assert.deepEqual(
    asked.map(({name}) => name),
    ['d'],
  );
});

test('when the cursor leaves a file, its call is stopped and a later answer is dropped', async t => {
  const {preview, asked} = heldPreview(t);
  preview.open();
  preview.of(file('a'));
  await until(() => asked.length === 1);
  preview.of(file('b'));
  assert.equal(asked[0]?.signal.aborted, true);
  asked[0]?.answer(text('of a'));
  await until(() => asked.length === 2);
  assert.equal(preview.of(file('b'))?.state.name, 'reading');
  asked[1]?.answer(text('of b'));
  await until(() => preview.of(file('b'))?.state.name === 'text');
  const {state} = preview.of(file('b')) ?? {};
  assert.deepEqual(state?.name === 'text' && state.lines, ['of b']);
});

test('a file that was shown is shown again at once, and a changed file is fetched', async t => {
  const {preview, asked} = heldPreview(t);
  preview.open();
  preview.of(file('a'));
  await until(() => asked.length === 1);
  asked[0]?.answer(text('of a'));
  await until(() => preview.of(file('a'))?.state.name === 'text');
  preview.of(undefined);
  assert.equal(preview.of(file('a'))?.state.name, 'text');
  preview.of({...file('a'), mtimeMs: 2});
  await until(() => asked.length === 2);
});

test('with enough space, small files are shown automatically, and during work only known ones', async t => {
  const {preview, asked} = heldPreview(t);
  const state = (name: string, unasked: Unasked, size = 5) =>
    preview.of({...file(name), size}, unasked)?.state.name;
  assert.equal(state('a', 'never'), undefined);
  assert.equal(state('big', 'always', 300_000), undefined);
  assert.equal(state('a', 'known'), undefined);
  assert.equal(state('a', 'always'), 'reading');
  await until(() => asked.length === 1);
  asked[0]?.answer(text('of a'));
  await until(() => state('a', 'always') === 'text');
  assert.equal(state('b', 'known'), undefined);
  assert.equal(state('a', 'known'), 'text');
  // If the user asks for the preview, it is shown for any size.
  preview.open();
  assert.equal(preview.of({...file('big'), size: 300_000}, 'always')?.isAsked, true);
});

test('an automatic preview is no step for Esc, and once hidden it stays hidden until the user asks for it', t => {
  const {preview} = heldPreview(t);
  const isShown = () => preview.of(file('a'), 'always') !== undefined;
  assert.equal(isShown(), true);
  assert.equal(preview.close(), false);
  assert.equal(isShown(), true);
  assert.equal(preview.hide(), true);
  assert.equal(isShown(), false);
  assert.equal(preview.hide(), false);
  preview.open();
  assert.equal(isShown(), true);
  assert.equal(preview.close(), true);
  // It is an automatic preview again.
  assert.equal(preview.of(file('a'), 'always')?.isAsked, false);
  // Hiding the preview while there is no space for it has no later effect.
  preview.open();
  preview.of(file('a'), 'never');
  assert.equal(preview.hide(), true);
  assert.equal(isShown(), true);
});

test('Esc closes the preview once', t => {
  const {preview} = heldPreview(t);
  preview.open();
  preview.of(file('a'));
  assert.deepEqual([preview.close(), preview.close()], [true, false]);
  assert.equal(preview.of(file('a')), undefined);
});

test('lines cannot control the terminal, tabs are spaces, and too long lines are left out', async t => {
  const {state} = await shown(t, text('\ta\r\nab\tc\u001b]0;x\u0007\rlast\n'));
  assert.ok(state?.name === 'text');
  assert.deepEqual(state.lines, ['        a', 'ab      c\\x1b]0;x\\x07', 'last']);
  assert.equal(state.isCut, false);
  const long = await shown(t, text(`${'x'.repeat(60_000)}\n`.repeat(2), 900_000));
  assert.ok(long.state?.name === 'text');
  assert.equal(long.state.lines[0]?.length, 2000);
  assert.equal(long.state.isCut, true);
  const many = await shown(t, text('\n'.repeat(5000)));
  assert.ok(many.state?.name === 'text');
  assert.deepEqual([many.state.lines.length, many.state.isCut], [2000, true]);
});

test('binary content is shown as bytes, and at most 64 KiB are kept', async t => {
  const {preview, state} = await shown(t, {bytes: new Uint8Array(1_048_576), size: 5_000_000});
  assert.ok(state?.name === 'bytes');
  assert.deepEqual([state.bytes.length, state.bytes.buffer.byteLength], [65_536, 65_536]);
  assert.equal(state.isCut, true);
  const offset = () => preview.of(file('a'))?.offset;
  preview.move({by: 'page', count: 1});
  assert.equal(offset(), 10);
  preview.move({to: 'bottom'});
  assert.equal(offset(), 4085);
  preview.move({by: 'row', count: 9000});
  assert.equal(offset(), 4095);
  preview.move({to: 'top'});
  assert.equal(offset(), 0);
});

test('a file that cannot be read shows the reason', async t => {
  const repainter = new Repainter();
  const preview = new Preview(() => Promise.reject(new Error('Not \u001b here')), repainter);
  t.after(() => {
    preview.close();
    repainter.close();
  });
  preview.open();
  await until(() => preview.of(file('a'))?.state.name === 'failed');
  const {state} = preview.of(file('a')) ?? {};
  assert.equal(state?.name === 'failed' && state.reason, 'Not \\x1b here');
});

test('what was kept is fetched again once the user asks for it', async t => {
  const {preview, asked} = heldPreview(t);
  preview.open();
  preview.of(file('a'));
  await until(() => asked.length === 1);
  asked[0]?.answer(text('old'));
  await until(() => preview.of(file('a'))?.state.name === 'text');
  preview.renew();
  assert.equal(preview.of(file('a'))?.state.name, 'reading');
  await until(() => asked.length === 2);
});
