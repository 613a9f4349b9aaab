import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import {test} from 'node:test';
import {JangadaError} from '../../../../../protocol/errors.ts';
import {SearchProgress} from '../../../../../server/store/folder/find/search-progress.ts';

function found(name: string) {
  return {
    kind: 'found',
    found: {frame: Buffer.from(name), entries: 1, files: 1, bytes: 0},
  } as const;
}

test('everything that was found before a search failed is delivered, then its error', async () => {
  const progress = new SearchProgress();
  progress.hear(found('one'));
  progress.hear(found('two'));
  progress.end(new JangadaError('busy', 'Too many searches wait'));
  // The end of the thread afterwards changes nothing.
  progress.end(new JangadaError('internal', 'The search ended early'));
  assert.equal((await progress.next())?.frame.toString(), 'one');
  assert.equal((await progress.next())?.frame.toString(), 'two');
  await assert.rejects(progress.next(), {code: 'busy'});
});

test('after its last frame, a search says where it could not look', async () => {
  const progress = new SearchProgress();
  const first = progress.next();
  progress.hear(found('one'));
  progress.hear({kind: 'ended', unsearched: {count: 3, first: []}});
  assert.equal((await first)?.frame.toString(), 'one');
  assert.equal(await progress.next(), undefined);
  assert.equal(progress.unsearched.count, 3);
});
