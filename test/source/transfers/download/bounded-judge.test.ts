import assert from 'node:assert/strict';
import {type TestContext, test} from 'node:test';
import {BoundedJudge} from '../../../../source/transfers/download/bounded-judge.ts';

/** A judge for whom each name takes so many milliseconds. */
function startJudge(t: TestContext, ms: () => number) {
  let nowMs = 0;
  let isBegun = false;
  t.mock.method(performance, 'now', () => {
    nowMs += isBegun ? ms() : 0;
    isBegun = !isBegun;
    return nowMs;
  });
  const judge = new BoundedJudge(['*.jpg', '!b.*']);
  /** How many names are matched before it gives up, at most `most`. */
  const matched = (most: number) => {
    for (let count = 0; count < most; count++) {
      try {
        judge.matches('a.jpg', 'file');
      } catch (error) {
        assert.ok(error instanceof Error && 'code' in error && error.code === 'bad_mask');
        assert.match(error.message, /take too long .* use simpler masks$/);
        return count;
      }
    }

    return most;
  };
  return {judge, matched};
}

test('names that match the masks are told from those that do not', t => {
  const {judge} = startJudge(t, () => 0.01);
  assert.deepEqual(
    ['a.jpg', 'a.png', 'b.jpg'].map(name => judge.matches(name, 'file')),
    [true, false, false],
  );
});

test('names that take less than a millisecond are matched for ever', t => {
  assert.equal(startJudge(t, () => 0.99).matched(10_000), 10_000);
});

test('names that are slow end the search after two seconds of them', t => {
  assert.equal(startJudge(t, () => 10).matched(10_000), 200);
});

test('a slow name among many fast ones may take a millisecond for each name so far', t => {
  let count = 0;
  // 100 ms for each hundredth name, a millisecond of each on average.
  const {matched} = startJudge(t, () => (++count % 100 === 0 ? 100 : 0.1));
  assert.equal(matched(10_000), 10_000);
});

test('a process that was stopped while it matched a name has not taken all that time for it', t => {
  let count = 0;
  const {matched} = startJudge(t, () => (++count % 2 === 0 ? 3_600_000 : 0.1));
  // The fifth stop goes over two seconds.
  assert.equal(matched(100), 9);
});

test('a mask that cannot be matched is refused at once', () => {
  assert.throws(() => new BoundedJudge(['{a']), {code: 'bad_mask'});
});
