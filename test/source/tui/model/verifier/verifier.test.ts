import assert from 'node:assert/strict';
import {type TestContext, test} from 'node:test';
import {parseAddress} from '../../../../../protocol/address.ts';
import {Client} from '../../../../../source/client/client.ts';
import {Repainter} from '../../../../../source/tui/model/repainter.ts';
import {Verifier} from '../../../../../source/tui/model/verifier/verifier.ts';
import {path} from '../../../../fixtures/harness.ts';

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
