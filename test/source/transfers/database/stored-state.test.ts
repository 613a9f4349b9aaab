import assert from 'node:assert/strict';
import {test} from 'node:test';
import fc from 'fast-check';
import {errorCodes} from '../../../../protocol/errors.ts';
import {
  blocksFromColumns,
  stateColumns,
  stateFromColumns,
  storedStateOf,
  storedStates,
} from '../../../../source/transfers/database/stored-state.ts';
import type {TransferState} from '../../../../source/transfers/terms/transfer-state.ts';

const blank = {outcome: null, code: null, reason: null, detail: null};

/** Every state, with the word that is stored for it. */
const states: ReadonlyArray<readonly [string, TransferState]> = [
  ['queued', {name: 'queued'}],
  ['queued', {name: 'queued', alone: true}],
  ['queued', {name: 'queued', begun: true}],
  ['paused', {name: 'paused', begun: true}],
  ['paused', {name: 'paused', noRoom: 'full', begun: true}],
  ['canceled', {name: 'canceled', begun: true}],
  ['canceled', {name: 'canceled', deletePartial: true, begun: true}],
  ['failed', {name: 'failed', code: 'not_found', reason: 'gone', begun: true}],
  ['running', {name: 'connecting'}],
  ['running', {name: 'checking', checkedBytes: 1, totalBytes: 2 ** 52}],
  ['running', {name: 'copying', copiedBytes: 0, totalBytes: 0}],
  ['running', {name: 'downloading'}],
  ['running', {name: 'finishing'}],
  ['done', {name: 'done', outcome: 'verified'}],
  ['done', {name: 'done', outcome: 'skipped'}],
  ['paused', {name: 'paused'}],
  ['paused', {name: 'paused', noRoom: '/to: 5 MB more are needed'}],
  ['paused', {name: 'paused', noRoom: ''}],
  ['canceled', {name: 'canceled'}],
  ['canceled', {name: 'canceled', deletePartial: true}],
  ...errorCodes.map(code => ['failed', {name: 'failed', code, reason: `ç ${code}`}] as const),
];

test('every state is read back from its columns', () => {
  for (const [word, state] of states) {
    const columns = stateColumns(state);
    assert.deepEqual([columns.state, storedStateOf(state)], [word, word]);
    assert.deepEqual(stateFromColumns(columns), state);
  }
});

test('the blocks of a file are stored beside its state while it runs, and no longer', () => {
  for (const [word, state] of states) {
    const columns = stateColumns(state, '3g5m');
    assert.deepEqual(stateFromColumns(columns), state);
    assert.equal(blocksFromColumns(columns), word === 'running' ? '3g5m' : undefined);
    assert.equal(blocksFromColumns(stateColumns(state)), undefined);
  }

  for (const detail of [null, 'null', '3', '{', '{"blocks":5}']) {
    assert.equal(blocksFromColumns({state: 'running', detail}), undefined);
  }
});

test('each failed transfer keeps its own reason', () => {
  const failed = errorCodes.map(code => ({name: 'failed', code, reason: `of ${code}`}) as const);
  assert.deepEqual(
    failed.map(state => stateFromColumns(stateColumns(state))),
    failed,
  );
});

test('the digest of a whole file is only for the process that computed it, and is not stored', () => {
  const state = {name: 'done', outcome: 'verified', sha256: 'ab'} as const;
  assert.deepEqual(stateFromColumns(stateColumns(state)), {name: 'done', outcome: 'verified'});
});

test('a failed transfer with an unknown code still counts as failed', () => {
  assert.deepEqual(stateFromColumns({...blank, state: 'failed', code: 'of_the_future'}), {
    name: 'failed',
    code: 'internal',
    reason: 'It failed',
  });
});

test('any values in the columns give a state that can be stored again', () => {
  const texts = fc.option(
    fc.oneof(
      fc.string(),
      fc.json(),
      fc.constantFrom(
        'alone',
        'delete',
        'no_space',
        'verified',
        '{"name":"checking"}',
        'null',
        '3',
      ),
      fc
        .record({
          name: fc.constantFrom('checking', 'copying'),
          checkedBytes: fc.anything(),
          totalBytes: fc.anything(),
        })
        .map(said => JSON.stringify(said, (_, value) => (typeof value === 'bigint' ? 0 : value))),
    ),
  );
  fc.assert(
    fc.property(
      fc.record({
        state: fc.constantFrom(...storedStates),
        outcome: texts,
        code: texts,
        reason: texts,
        detail: texts,
      }),
      columns => {
        const state = stateFromColumns(columns);
        assert.deepEqual(stateFromColumns(stateColumns(state)), state);
        assert.equal(
          storedStateOf(state),
          columns.state === 'removed' ? 'canceled' : columns.state,
        );
      },
    ),
  );
});
