import assert from 'node:assert/strict';
import {test} from 'node:test';
import {parseAddress} from '../../../../../protocol/address.ts';
import {Client} from '../../../../../source/client/client.ts';
import {Repainter} from '../../../../../source/tui/model/repainter.ts';
import {Verifier} from '../../../../../source/tui/model/verifier/verifier.ts';
import {path} from '../../../../fixtures/harness.ts';

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
  test(`the entry at which a comparison began ${title}`, async () => {
    await using client = new Client(parseAddress('127.0.0.1:1'));
    const verifier = new Verifier(client, new Repainter(), {compared() {}, now: view => view});
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
