import assert from 'node:assert/strict';
import {randomBytes} from 'node:crypto';
import {test} from 'node:test';
import {until} from '../../../../fixtures/harness.ts';
import {openApp} from '../open-app.ts';

const slow = {server: {limit: 100_000}};

test('u restores cleared transfers and queues canceled ones again, step by step', async t => {
  const screen = await openApp(t, {a: '1', b: '2', 'big.bin': randomBytes(3_000_000)}, slow);
  const said = () => screen.app.view().message?.text ?? '';
  const states = () =>
    screen.queue.snapshot().rows.map(({remotePath, state}) => `${remotePath} ${state.name}`);
  screen.type('  d');
  await until(() => screen.app.view().transfers.queue.done === 2);
  screen.type('d');
  await until(() => screen.queue.totals().total === 3);
  screen.type('3ggx');
  await until(() => screen.app.view().dialog !== undefined);
  assert.match(screen.app.view().dialog?.title ?? '', /Cancel big\.bin\?/);
  screen.type('k');
  await until(() => /^Canceled big\.bin\. u queues it again\.$/.test(said()));
  const before = ['a done', 'b done', 'big.bin canceled'];
  assert.deepEqual(states(), before);
  screen.type('c');
  assert.equal(said(), 'Cleared done and canceled transfers. u brings them back.');
  assert.deepEqual(states(), []);
  screen.type('u');
  assert.equal(said(), 'Brought back: 3 transfers.');
  assert.deepEqual(states(), before);
  screen.type('u');
  assert.equal(said(), 'Queued again: big.bin.');
  assert.notEqual(states()[2], before[2]);
  screen.type('u');
  assert.match(said(), /^There is nothing to bring back/);
});

test('a transfer whose partial file was deleted is queued again, and the message says how many bytes are lost', async t => {
  const screen = await openApp(
    t,
    {'big.bin': randomBytes(6_000_000)},
    {server: {limit: 1_500_000}},
  );
  const said = () => screen.app.view().message?.text ?? '';
  screen.type('d3');
  await until(() => (screen.queue.snapshot().rows[0]?.verifiedBytes ?? 0) > 0);
  screen.type('x');
  await until(() => screen.app.view().dialog !== undefined);
  const details = screen.app.view().dialog?.choices.map(({detail}) => detail) ?? [];
  assert.match(details[1] ?? '', /delete the partial for good/);
  screen.type('d');
  await until(() => /^Canceled big\.bin/.test(said()));
  screen.type('u');
  assert.match(
    said(),
    /^Queued again: big\.bin\. The [\d.]+ MB that were deleted are fetched again\.$/,
  );
});

test('a transfer that was retried meanwhile is not queued again, and without a step nothing happens', async t => {
  const screen = await openApp(t, {'big.bin': randomBytes(3_000_000)}, slow);
  const said = () => screen.app.view().message?.text ?? '';
  screen.type('3c');
  assert.equal(said(), 'Nothing is done or canceled.');
  screen.type('1d');
  // The next keys need the row on the screen.
  await until(() => screen.app.view().transfers.rows.length === 1);
  screen.type('3x');
  await until(() => screen.app.view().dialog !== undefined);
  screen.type('k');
  await until(() => /^Canceled/.test(said()));
  screen.type('Ru');
  assert.match(said(), /^There is nothing to bring back/);
});
