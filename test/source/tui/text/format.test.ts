import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import {parseRate} from '../../../../protocol/program/parse-rate.ts';
import {
  formatBytes,
  formatCount,
  formatDate,
  formatDuration,
  formatPart,
  formatPercent,
  formatTime,
  formatTypedRate,
  plural,
} from '../../../../source/tui/text/format.ts';

suite('numbers for people', () => {
  test('bytes have a unit', () => {
    assert.equal(formatBytes(0), '0 B');
    assert.equal(formatBytes(7_507_955), '7.51 MB');
    assert.equal(formatBytes(Number.MAX_SAFE_INTEGER), '9.01 PB');
  });

  test('a part of a whole names the unit once', () => {
    assert.equal(formatPart(1_300_000_000, 2_100_000_000), '1.3 of 2.1 GB');
    assert.equal(formatPart(900_000, 2_100_000_000), '900 kB of 2.1 GB');
  });

  test('a rate is exact, and can be typed as shown', () => {
    for (const rate of [1, 999, 1000, 1500, 2_000_000, 1_234_567, 3_000_000_000, undefined]) {
      assert.equal(parseRate(formatTypedRate(rate)), rate);
    }

    assert.equal(formatTypedRate(undefined), 'none');
    assert.equal(formatTypedRate(1_500_000), '1500k');
    assert.equal(formatTypedRate(2_000_000), '2M');
  });

  test('only a complete file has 100 %', () => {
    assert.equal(formatPercent(999_999, 1_000_000), '99 %');
    assert.equal(formatPercent(1_000_000, 1_000_000), '100 %');
    assert.equal(formatPercent(0, 0), '100 %');
    assert.equal(formatPercent(5, 4), '100 %');
    assert.equal(formatPercent(57, 100), '57 %');
  });

  test('durations have at most two units', () => {
    assert.equal(formatDuration(4200), '4s');
    assert.equal(formatDuration(64_000), '1m 4s');
    assert.equal(formatDuration(93_784_000), '1d 2h');
  });

  test('counts are grouped', () => {
    for (const count of [0, 7, 999, 1000, 12_345, 999_999, 1_203_551, Number.MAX_SAFE_INTEGER]) {
      assert.equal(formatCount(count), count.toLocaleString('en'));
    }

    assert.equal(plural(1, 'file'), '1 file');
    assert.equal(plural(2000, 'file'), '2,000 files');
  });

  test('invalid or far times are dashes', () => {
    for (const time of [Number.NaN, Number.POSITIVE_INFINITY, 1e300, 1e15, -1e15]) {
      assert.equal(formatDate(time), '----------');
      assert.equal(formatTime(time), '----------');
    }

    assert.match(formatTime(Date.UTC(2025, 0, 12, 12)), /^2025-01-1[123] \d\d:\d\d$/);
  });
});
