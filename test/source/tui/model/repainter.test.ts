import assert from 'node:assert/strict';
import {suite, type TestContext, test} from 'node:test';
import {setImmediate as nextTurn} from 'node:timers/promises';
import {Repainter} from '../../../../source/tui/model/repainter.ts';

/** A repainter, and the number of pictures so far. */
function start(t: TestContext) {
  t.mock.timers.enable({apis: ['setTimeout']});
  const repainter = new Repainter();
  t.after(() => repainter.close());
  const screen = {pictures: 0};
  repainter.subscribe(() => screen.pictures++);
  return {repainter, screen};
}

suite('pictures of the screen', () => {
  test('come after 30 ms for a change that another one usually follows, and once for both', async t => {
    const {repainter, screen} = start(t);
    const before = repainter.version;
    repainter.shortly();
    repainter.shortly();
    assert.ok(repainter.version > before);
    await nextTurn();
    t.mock.timers.tick(29);
    assert.equal(screen.pictures, 0);
    t.mock.timers.tick(1);
    assert.equal(screen.pictures, 1);
    repainter.shortly();
    repainter.now();
    await nextTurn();
    assert.equal(screen.pictures, 2);
    t.mock.timers.tick(1000);
    assert.equal(screen.pictures, 2);
  });

  test('are not delayed by a change that can wait, and do not come earlier because of it', async t => {
    const {repainter, screen} = start(t);
    repainter.now();
    await nextTurn();
    repainter.soon();
    repainter.shortly();
    t.mock.timers.tick(30);
    assert.equal(screen.pictures, 2);
    repainter.shortly();
    repainter.soon();
    t.mock.timers.tick(30);
    assert.equal(screen.pictures, 3);
    t.mock.timers.tick(1000);
    assert.equal(screen.pictures, 3);
  });
});
