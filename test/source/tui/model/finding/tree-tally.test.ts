import assert from 'node:assert/strict';
import {suite, type TestContext, test} from 'node:test';
import {JangadaError} from '../../../../../protocol/errors.ts';
import {parseRemotePath, rootPath} from '../../../../../protocol/remote-path.ts';
import type {FoundBatch} from '../../../../../source/transfers/download/search.ts';
import {TreeTally} from '../../../../../source/tui/model/finding/tree-tally.ts';
import {Repainter} from '../../../../../source/tui/model/repainter.ts';

const name = parseRemotePath('a');
const batch: FoundBatch = {
  entries: [{type: 'file', name, remotePath: name, size: 5, mtimeMs: 0}],
  ...{refused: [], unsearched: [], moreUnsearched: 2},
};

function tally(
  t: TestContext,
  find: (signal: AbortSignal) => AsyncIterable<FoundBatch>,
  mostMs?: number,
): TreeTally {
  const repainter = new Repainter();
  t.after(() => repainter.close());
  return new TreeTally({
    ...{masks: ['*'], path: rootPath, repainter},
    server: {find: (_path, _masks, signal) => find(signal)},
    ...(mostMs === undefined ? {} : {mostMs}),
  });
}

const untilStopped = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason));
  });

suite('a count of what masks match', () => {
  test('has files, bytes and the places that were not searched', async t => {
    const counted = tally(t, async function* () {
      yield batch;
      yield batch;
    });
    await counted.ended;
    const {files, bytes, unsearched, end} = counted;
    assert.deepEqual(
      {files, bytes, unsearched, end},
      {
        ...{files: 2, bytes: 10, unsearched: 4},
        end: 'counted',
      },
    );
  });

  test('is cut off when it takes too long, and keeps its numbers', async t => {
    const counted = tally(
      t,
      async function* (signal) {
        yield batch;
        await untilStopped(signal);
      },
      50,
    );
    await counted.ended;
    assert.deepEqual([counted.files, counted.end], [1, 'cut']);
  });

  test('that is stopped while the user types sends no request', async t => {
    const counted = tally(t, () => assert.fail('it was asked'));
    counted.stop();
    await counted.ended;
    assert.equal(counted.end, 'stopped');
  });

  test('reports why it has failed', async t => {
    const error = new JangadaError('bad_mask', 'No.');
    const counted = tally(t, async function* () {
      yield await Promise.reject(error);
    });
    await counted.ended;
    assert.deepEqual([counted.error, counted.end], [error, 'failed']);
  });
});
