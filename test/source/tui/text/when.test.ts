import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import {dayOf, formatWhen} from '../../../../source/tui/text/when.ts';

suite('times in short words', () => {
  const now = new Date(2026, 10, 29, 18, 30).getTime();
  const cases: ReadonlyArray<[Date, string]> = [
    [new Date(2026, 10, 29, 18, 12), 'today 18:12'],
    [new Date(2026, 10, 29, 0, 0), 'today 00:00'],
    [new Date(2026, 10, 29, 23, 59), 'today 23:59'],
    [new Date(2026, 10, 28, 23, 59), '28 Nov'],
    [new Date(2026, 5, 3), '3 Jun'],
    [new Date(2026, 1, 1), '2026-02-01'],
    [new Date(2019, 2, 4), '2019-03-04'],
    [new Date(2025, 10, 29), '2025-11-29'],
    // Of future times, only those of today have a short form.
    [new Date(2026, 10, 30), '2026-11-30'],
  ];
  for (const [date, words] of cases) {
    test(`${words} on the evening of 2026-11-29`, () => {
      assert.equal(formatWhen(date.getTime(), now), words);
    });
  }

  test('an invalid or far time is dashes', () => {
    for (const time of [Number.NaN, Number.POSITIVE_INFINITY, 1e300, -1e15]) {
      assert.equal(formatWhen(time, now), '----------');
    }
  });

  test('times of one day have the same number, and those of the next day another one', () => {
    assert.equal(dayOf(now), dayOf(new Date(2026, 10, 29, 0, 0).getTime()));
    assert.notEqual(dayOf(now), dayOf(new Date(2026, 10, 30, 0, 0).getTime()));
  });
});
