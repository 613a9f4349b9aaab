import assert from 'node:assert/strict';
import {afterEach, suite, test} from 'node:test';
import prettyBytes from 'pretty-bytes';
import {setNotation} from '../../../protocol/program/notation.ts';
import {formatRate, formatSize} from '../../../source/commands/format.ts';
import {fileColumns} from '../../../source/tui/model/files/file-columns.ts';
import {formatBytes, formatOf, formatSpeed} from '../../../source/tui/text/format.ts';
import {formatWhen} from '../../../source/tui/text/when.ts';
import {widthOf} from '../../../source/tui/text/width.ts';

suite('sizes and times as the user wants them', () => {
  afterEach(() => setNotation({}));

  test('both front ends write binary sizes', () => {
    setNotation({sizes: 'binary'});
    assert.equal(formatBytes(50_331_648), '48 MiB');
    assert.equal(formatSize(50_331_648), '48 MiB');
    assert.equal(formatSpeed(2_097_152), '2 MiB/s');
    assert.equal(formatRate(2_097_152), '2 MiB/s');
    assert.equal(formatOf(1_048_576, 2_097_152), '1 / 2 MiB');
    setNotation({});
    assert.equal(formatBytes(50_331_648), '50.3 MB');
  });

  test('sizes of a few bytes have the form of all other sizes', () => {
    for (const sizes of ['decimal', 'binary'] as const) {
      setNotation({sizes});
      for (const bytes of [
        0, 1, 9, 10, 99, 100, 999, 1000, 1001, 1023, 1024, 0.5, 12.34, -1, -5000,
      ]) {
        assert.equal(formatSize(bytes), prettyBytes(bytes, {binary: sizes === 'binary'}));
      }
    }
  });

  test('binary sizes fit into their column', () => {
    setNotation({sizes: 'binary'});
    for (const bytes of [1023, 1024, 1_047_000, 1_048_575, 1_073_741_000, 2 ** 50 - 1]) {
      assert.ok(widthOf(formatBytes(bytes)) <= fileColumns(80).size, formatBytes(bytes));
    }
  });

  test('ISO dates always show day and minute, and their column is wide enough', () => {
    const now = new Date(2026, 10, 29, 18, 30).getTime();
    const narrow = fileColumns(68);
    setNotation({dates: 'iso'});
    const text = formatWhen(new Date(2026, 10, 29, 18, 12).getTime(), now);
    assert.equal(text, '2026-11-29 18:12');
    assert.equal(fileColumns(100).changed, widthOf(text));
    assert.equal(narrow.changed, 11);
    assert.equal(fileColumns(68).changed, 0);
    const {front, name, size, changed, here} = fileColumns(100);
    assert.equal(front + name + size + changed + here + 3 * 2 + 1, 100);
  });
});
