import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import fc from 'fast-check';
import {fitViewport, type Move, moveCursor} from '../../../../source/tui/model/viewport.ts';

suite('cursor and window', () => {
  test('the window follows the cursor, one row at a time', () => {
    const down: Move = {by: 'row', count: 1};
    assert.deepEqual(moveCursor({cursor: 4, offset: 0}, down, 100, 5), {cursor: 5, offset: 1});
    assert.deepEqual(moveCursor({cursor: 0, offset: 0}, down, 100, 5), {cursor: 1, offset: 0});
  });

  test('a page key moves the window and leaves the cursor on its line', () => {
    const page: Move = {by: 'page', count: 1};
    assert.deepEqual(moveCursor({cursor: 2, offset: 0}, page, 100, 10), {cursor: 11, offset: 9});
  });

  test('the wheel moves the window; the cursor stays while it is visible, and moves at the ends', () => {
    const wheel = (cursor: number, offset: number, count: number) =>
      moveCursor({cursor, offset}, {by: 'scroll', count}, 100, 10);
    assert.deepEqual(wheel(5, 0, 3), {cursor: 5, offset: 3});
    assert.deepEqual(wheel(5, 4, 3), {cursor: 7, offset: 7});
    assert.deepEqual(wheel(9, 3, -3), {cursor: 9, offset: 0});
    assert.deepEqual(wheel(14, 5, -3), {cursor: 11, offset: 2});
    assert.deepEqual(wheel(2, 1, -3), {cursor: 2, offset: 0});
    assert.deepEqual(wheel(2, 0, -3), {cursor: 0, offset: 0});
    assert.deepEqual(wheel(95, 90, 3), {cursor: 98, offset: 90});
  });

  test('the cursor stops at the first and the last row', () => {
    assert.deepEqual(moveCursor({cursor: 3, offset: 0}, {to: 'bottom'}, 100, 10), {
      cursor: 99,
      offset: 90,
    });
    assert.deepEqual(moveCursor({cursor: 99, offset: 90}, {to: 'top'}, 100, 10), {
      cursor: 0,
      offset: 0,
    });
    assert.deepEqual(moveCursor({cursor: 0, offset: 0}, {to: 'bottom'}, 0, 10), {
      cursor: 0,
      offset: 0,
    });
  });

  test('wherever the cursor is sent, it is on a row and this row is in the window', () => {
    const number = fc.integer({min: -500, max: 500});
    fc.assert(
      fc.property(
        number,
        number,
        fc.nat(300),
        fc.integer({min: 1, max: 50}),
        (cursor, offset, total, height) => {
          const fitted = fitViewport({cursor, offset}, total, height);
          assert.ok(fitted.cursor >= 0 && fitted.cursor < Math.max(1, total));
          assert.ok(fitted.offset <= fitted.cursor && fitted.cursor < fitted.offset + height);
          assert.ok(fitted.offset === 0 || fitted.offset + height <= total);
        },
      ),
    );
  });
});
