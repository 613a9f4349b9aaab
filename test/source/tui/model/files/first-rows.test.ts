import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import {setImmediate as nextTurn} from 'node:timers/promises';
import type {Entry} from '../../../../../protocol/messages.ts';
import {Browser} from '../../../../../source/tui/model/files/browser.ts';
import {parentRow} from '../../../../../source/tui/model/files/files-view.ts';
import {Repainter} from '../../../../../source/tui/model/repainter.ts';
import {path} from '../../../../fixtures/harness.ts';

const file = (name: string): Entry => ({name, type: 'file', size: 0, mtimeMs: 0});

/** A browser on a server that answers with `batches`. */
function browse(batches: () => AsyncGenerator<readonly Entry[]>) {
  const repainter = new Repainter();
  const find = () => assert.fail('nothing is searched for here');
  const browser = new Browser({list: batches, find, isConnected: () => true}, repainter);
  return {browser, repainter};
}

suite('the first rows of a folder', () => {
  test('are requested before the screen is painted', async t => {
    const events: string[] = [];
    const {browser, repainter} = browse(async function* () {
      // As many turns as it takes to get a free connection.
      await (async () => await Promise.resolve())();
      events.push('asked');
      yield [];
    });
    t.after(() => browser.close());
    // React, too, paints in a task of its own.
    repainter.subscribe(() => queueMicrotask(() => events.push('painted')));
    browser.open(path('some'));
    await nextTurn();
    assert.deepEqual(events.slice(0, 2), ['asked', 'painted']);
  });

  test('are painted as they arrive, and further rows after a while', async t => {
    const [first, more] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const {browser, repainter} = browse(async function* () {
      await first.promise;
      yield [file('a')];
      await more.promise;
      yield [file('b')];
      await new Promise(() => {});
    });
    t.after(() => browser.close());
    // Stop the clock, so that delayed pictures do not come by themselves.
    t.mock.timers.enable({apis: ['setTimeout']});
    const painted: string[] = [];
    const names = () => browser.view().rows.map(row => (row === parentRow ? '..' : row.name));
    repainter.subscribe(() => void painted.push(names().join()));
    browser.open(path('some'));
    await nextTurn();
    first.resolve();
    await nextTurn();
    assert.equal(painted.at(-1), '..,a');
    more.resolve();
    await nextTurn();
    t.mock.timers.tick(1000);
    assert.equal(painted.at(-1), '..,a,b');
  });

  test('are the first picture of their folder if they arrive at once; otherwise the first picture says that the folder is being read', async t => {
    const first = Promise.withResolvers<void>();
    const {browser, repainter} = browse(async function* () {
      await first.promise;
      yield [file('a')];
    });
    t.after(() => browser.close());
    t.mock.timers.enable({apis: ['setTimeout']});
    const painted: string[] = [];
    const paint = ({rows, loading} = browser.view()) =>
      painted.push(`${rows.length - 1} ${loading ? 'reading' : 'whole'}`);
    repainter.subscribe(() => void paint());
    browser.open(path('slow'));
    await nextTurn();
    assert.deepEqual(painted, []);
    t.mock.timers.tick(30);
    assert.deepEqual(painted, ['0 reading']);
    first.resolve();
    await nextTurn();
    assert.deepEqual(painted, ['0 reading', '1 reading', '1 whole']);
    painted.length = 0;
    browser.open(path('fast'));
    await nextTurn();
    t.mock.timers.tick(1000);
    assert.deepEqual(painted, ['1 reading', '1 whole']);
  });
});
