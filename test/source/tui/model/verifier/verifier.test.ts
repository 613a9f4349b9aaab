import assert from 'node:assert/strict';
import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {type TestContext, test} from 'node:test';
import {parseAddress} from '../../../../../protocol/address.ts';
import {Client} from '../../../../../source/client/client.ts';
import {Repainter} from '../../../../../source/tui/model/repainter.ts';
import {Verifier} from '../../../../../source/tui/model/verifier/verifier.ts';
import {path, until} from '../../../../fixtures/harness.ts';
import {openApp} from '../open-app.ts';

function openVerifier(t: TestContext): Verifier {
  const client = new Client(parseAddress('127.0.0.1:1'));
  t.after(() => client[Symbol.asyncDispose]());
  return new Verifier(client, new Repainter(), {compared() {}, now: view => view});
}

const cases = [
  {moves: [['a', true]], begunAt: 'a', title: 'stays while the cursor does'},
  {moves: [['b', true]], begunAt: 'verified', title: 'is left by the cursor'},
  {moves: [[undefined, true]], begunAt: 'verified', title: 'is left for the row of the parent'},
  {
    moves: [
      [undefined, false],
      ['a', true],
    ],
    begunAt: 'a',
    title: 'is kept while its folder is read again',
  },
  {
    moves: [
      [undefined, false],
      ['b', true],
    ],
    begunAt: 'verified',
    title: 'is left in another folder, once that has entries',
  },
] as const;

for (const {moves, begunAt, title} of cases) {
  test(`the entry at which a comparison began ${title}`, async t => {
    const verifier = openVerifier(t);
    verifier.show({
      ...{path: path('verified'), begunAt: path('a'), copy: undefined},
      state: {name: 'absent'},
    });
    for (const [current, hasEntries] of moves) {
      verifier.follow(current === undefined ? undefined : path(current), {hasEntries});
    }

    assert.equal(verifier.view().begunAt, begunAt);
  });
}

test('a comparison that is begun before its folder has entries begins at the first, also if its copy is found after it', async t => {
  const verifier = openVerifier(t);
  const {promise, resolve} = Promise.withResolvers<undefined>();
  verifier.follow(undefined, {hasEntries: false});
  const begun = verifier.verifyFound(path('verified'), promise, undefined);
  verifier.follow(path('a'), {hasEntries: true});
  resolve(undefined);
  await begun;
  verifier.follow(path('a'), {hasEntries: true});
  assert.equal(verifier.view().begunAt, 'a');
});

test('the last requested comparison is shown, however late the copies of others are found', async t => {
  const verifier = openVerifier(t);
  const {promise, resolve} = Promise.withResolvers<undefined>();
  const first = verifier.verifyFound(path('first'), promise, undefined);
  await verifier.verifyFound(path('second'), Promise.resolve(undefined), undefined);
  resolve(undefined);
  await first;
  assert.equal(verifier.view().path, 'second');
});

test('a comparison whose copy is not found yet can be stopped', async t => {
  const verifier = openVerifier(t);
  const {promise, resolve} = Promise.withResolvers<undefined>();
  const begun = verifier.verifyFound(path('a'), promise, undefined);
  assert.equal(verifier.stop(), true);
  assert.equal(verifier.stop(), false);
  resolve(undefined);
  await begun;
  assert.equal(verifier.view().path, undefined);
});

test('after Escape on a verdict, a hash still comes to its end, and the first difference is still found', async t => {
  const screen = await openApp(t, {a: 'abc'});
  writeFileSync(join(screen.target, 'a'), 'abd');
  const view = () => screen.app.view().verifier;
  screen.type('v');
  await until(() => view().state.name === 'compared');
  screen.type('2');
  screen.app.press({name: 'escape', text: ''});
  await until(() => view().difference === 2);
  screen.type('2p\r');
  await until(() => view().hash.name === 'hashed');
  assert.equal(screen.app.view().details, undefined);
});

test('a verdict stays while another copy of the same file is the one that a look finds', async t => {
  const screen = await openApp(t, {a: 'abc'});
  screen.type('d');
  await until(() => screen.app.view().here[0]?.name === 'same');
  writeFileSync(join(screen.target, 'a'), 'xyz');
  screen.queue.add([
    {
      ...{remotePath: path('a'), folder: screen.target, localPath: 'a'},
      onConflict: 'rename',
    },
  ]);
  await until(() => screen.queue.totals().done === 2);
  // The transfer of the first copy.
  screen.type('3gv');
  await until(() => screen.app.view().verifier.state.name === 'compared');
  const {state} = screen.app.view().verifier;
  assert.deepEqual(state.name === 'compared' && state.report.localFile, join(screen.target, 'a'));
  await until(() => screen.app.view().here[0]?.name === 'same');
  const now = screen.app.view().verifier.state;
  assert.equal(now.name === 'compared' && now.report.equal, false);
});
