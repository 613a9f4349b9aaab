import assert from 'node:assert/strict';
import {suite, type TestContext, test} from 'node:test';
import {JangadaError} from '../../../../../protocol/errors.ts';
import type {Entry} from '../../../../../protocol/messages.ts';
import {Browser} from '../../../../../source/tui/model/files/browser.ts';
import {parentRow} from '../../../../../source/tui/model/files/files-view.ts';
import {Repainter} from '../../../../../source/tui/model/repainter.ts';
import {path, until} from '../../../../fixtures/harness.ts';

type Step = {entries: readonly Entry[]} | {error: JangadaError} | 'end';

/** One reading of a folder, whose entries the test gives. */
class Reading {
  readonly folder: string;
  readonly #steps: Step[] = [];
  #wake = Promise.withResolvers<void>();

  constructor(folder: string) {
    this.folder = folder;
  }

  give(...names: readonly string[]): void {
    const entries = names.map(
      name =>
        ({
          name: name.replace('/', ''),
          type: name.endsWith('/') ? 'folder' : 'file',
          size: 0,
          mtimeMs: 0,
        }) as const,
    );
    this.#next({entries});
  }

  end(): void {
    this.#next('end');
  }

  fail(error: JangadaError): void {
    this.#next({error});
  }

  #next(step: Step): void {
    this.#steps.push(step);
    this.#wake.resolve();
    this.#wake = Promise.withResolvers();
  }

  async *batches(): AsyncGenerator<readonly Entry[]> {
    for (;;) {
      const step = this.#steps.shift();
      if (step === undefined) {
        await this.#wake.promise;
      } else if (step === 'end') {
        return;
      } else if ('error' in step) {
        throw step.error;
      } else {
        yield step.entries;
      }
    }
  }
}

const lost = new JangadaError('connection_lost', 'The connection was lost');

/** A browser, and the readings that it has begun. */
function startBrowser(t: TestContext, bounds: {quietMs?: number; mostEntries?: number} = {}) {
  const readings: Reading[] = [];
  const link = {isConnected: true};
  const repainter = new Repainter();
  const browser = new Browser(
    {
      list(folder) {
        const reading = new Reading(folder);
        readings.push(reading);
        return reading.batches();
      },
      find: () => assert.fail('nothing is searched for here'),
      isConnected: () => link.isConnected,
    },
    repainter,
    bounds,
  );
  t.after(() => browser.close());
  const shown = () => browser.view().rows.map(row => (row === parentRow ? '..' : String(row.name)));
  return {
    browser,
    readings,
    link,
    /** The names on the screen. */
    shown,
    marked: () => shown().filter((_, index) => browser.view().marked[index]),
    current: () => shown()[browser.view().cursor],
    /** Resolves when the view has changed after `act`. */
    async changed(act: () => void): Promise<void> {
      const {version} = repainter;
      act();
      await until(() => repainter.version > version);
    },
    /** The reading number `number`, from 1. Resolves when it has begun; no later one may have begun. */
    async reading(number: number): Promise<Reading> {
      await until(() => readings.length >= number);
      const reading = readings[number - 1];
      assert.ok(reading !== undefined && readings.length === number);
      return reading;
    },
  };
}

suite('keys for an entry of a folder that is still arriving', () => {
  test('wait for the whole folder if no entry was shown when they were pressed', async t => {
    const {browser, reading, shown, marked, current} = startBrowser(t);
    const mark = () => browser.aim(() => browser.toggleMark());
    browser.open(path('a'));
    browser.aim(() => browser.move({by: 'row', count: 1}));
    mark();
    const first = await reading(1);
    first.give('m', 'n', 'o');
    await until(() => shown().length === 4);
    assert.deepEqual(marked(), []);
    assert.equal(browser.view().heldKeys, 2);
    // A later key has to wait for the earlier ones.
    mark();
    first.give('b', 'c');
    await until(() => shown().length === 6);
    assert.deepEqual([marked(), current(), browser.view().heldKeys], [[], 'b', 3]);
    first.end();
    await until(() => !browser.view().loading);
    assert.deepEqual([marked(), current(), browser.view().heldKeys], [['c', 'm'], 'n', 0]);
  });

  test('act on the entry that was shown under the cursor when they were pressed', async t => {
    const {browser, reading, shown, marked, changed} = startBrowser(t);
    browser.open(path(''));
    const first = await reading(1);
    first.give('m', 'n');
    await until(() => shown().length === 2);
    await changed(() => first.give('a', 'b'));
    browser.aim(() => browser.toggleMark());
    assert.deepEqual(marked(), ['m']);
    assert.deepEqual(shown(), ['a', 'b', 'm', 'n']);
  });

  test('wait for the whole folder if they are meant for all entries, whatever is shown', async t => {
    const {browser, reading, shown, marked} = startBrowser(t);
    browser.open(path(''));
    const first = await reading(1);
    first.give('m', 'n');
    await until(() => shown().length === 2);
    browser.aim(() => browser.marking.markShown(), {atAll: true});
    assert.deepEqual([marked(), browser.view().heldKeys], [[], 1]);
    first.give('a');
    first.end();
    await until(() => !browser.view().loading);
    assert.deepEqual([marked(), browser.view().heldKeys], [['a', 'm', 'n'], 0]);
  });

  test('wait for the folder that one of them opens', async t => {
    const {browser, reading, shown, marked} = startBrowser(t);
    browser.open(path(''));
    browser.aim(() => void browser.enter());
    browser.aim(() => browser.toggleMark());
    const first = await reading(1);
    first.give('m/');
    await until(() => shown().length === 1);
    first.give('b/');
    first.end();
    const second = await reading(2);
    assert.equal(second.folder, 'b');
    second.give('y');
    await until(() => shown().length === 2);
    assert.deepEqual(marked(), []);
    second.give('x');
    second.end();
    await until(() => !browser.view().loading);
    assert.deepEqual(marked(), ['x']);
  });

  test('wait after a new filter until its rows are shown, or all entries are there', async t => {
    const {browser, reading, shown, marked} = startBrowser(t);
    browser.open(path(''));
    const first = await reading(1);
    first.give('m', 'mo');
    await until(() => shown().length === 2);
    browser.change({filter: 'o'});
    browser.aim(() => browser.toggleMark());
    first.give('lo');
    first.end();
    await until(() => !browser.view().loading);
    assert.deepEqual(marked(), ['lo']);
  });

  test('are dropped on request, when the folder is left, and when it cannot be read', async t => {
    const {browser, reading, shown} = startBrowser(t);
    let performed = 0;
    const key = () => browser.aim(() => performed++);
    browser.open(path('a'));
    key();
    assert.equal(browser.view().heldKeys, 1);
    assert.equal(browser.dropHeld(), true);
    assert.equal(browser.dropHeld(), false);
    key();
    browser.leave();
    (await reading(2)).end();
    await until(() => !browser.view().loading);
    browser.open(path('b'));
    key();
    const third = await reading(3);
    third.give('m');
    await until(() => shown().length === 2);
    third.fail(new JangadaError('not_found', 'It is gone'));
    await until(() => browser.view().error !== undefined);
    assert.deepEqual([performed, browser.view().heldKeys], [0, 0]);
    // The received entries are shown, and a key acts on them.
    key();
    assert.equal(performed, 1);
  });
});

suite('the cursor of a folder', () => {
  /** A browser of the folder `b` with these entries, and its next readings. */
  async function openRead(t: TestContext, ...names: readonly string[]) {
    const started = startBrowser(t);
    const {browser, reading} = started;
    let readings = 0;
    const read = async (...entries: readonly string[]) => {
      const next = await reading(++readings);
      next.give(...entries);
      next.end();
      await until(() => !browser.view().loading);
    };
    browser.open(path('b'));
    await read(...names);
    return {...started, read};
  }

  test('is on the entry that was left, also after its pane gets another height', async t => {
    const {browser, current, read} = await openRead(t, 'x/', 'y/', 'z');
    browser.aim(() => browser.move({by: 'row', count: 1}));
    browser.enter();
    await read('in');
    browser.leave();
    await read('x/', 'y/', 'z');
    assert.equal(current(), 'y/');
    browser.resize(30);
    assert.equal(current(), 'y/');
    browser.refresh();
    await read('v/', 'x/', 'y/', 'z');
    assert.equal(current(), 'y/');
  });

  test('stays on the parent folder when the folder is read again', async t => {
    const {browser, current, read} = await openRead(t, 'x', 'y');
    browser.move({to: 'top'});
    assert.equal(current(), '..');
    browser.refresh();
    await read('x', 'y');
    assert.equal(current(), '..');
    browser.resize(30);
    assert.equal(current(), '..');
  });

  test('stays at its position if its entry is gone when the folder is read again', async t => {
    const {browser, current, read} = await openRead(t, 'u', 'v', 'x', 'y', 'z');
    browser.aim(() => browser.move({by: 'row', count: 2}));
    assert.equal(current(), 'x');
    browser.refresh();
    await read('u', 'v', 'y', 'z');
    assert.equal(current(), 'y');
    browser.refresh();
    await read('u');
    assert.equal(current(), 'u');
  });
});

suite('a folder whose connection was lost', () => {
  test('is read again at once over another connection, and keeps its waiting keys', async t => {
    const {browser, reading, shown, marked} = startBrowser(t);
    browser.open(path(''));
    browser.aim(() => browser.toggleMark());
    const first = await reading(1);
    first.give('m');
    await until(() => shown().length === 1);
    first.fail(lost);
    const second = await reading(2);
    second.give('a', 'm');
    second.end();
    await until(() => !browser.view().loading);
    assert.deepEqual([shown(), marked()], [['a', 'm'], ['a']]);
    assert.equal(browser.view().error, undefined);
  });

  test('has its cursor on the requested entry', async t => {
    const {browser, reading, shown, current} = startBrowser(t);
    browser.open(path('b'));
    const first = await reading(1);
    first.give('x', 'y', 'z');
    first.end();
    await until(() => shown().length === 4);
    browser.aim(() => browser.move({by: 'row', count: 1}));
    browser.refresh();
    const second = await reading(2);
    second.give('x');
    second.fail(lost);
    const third = await reading(3);
    third.give('x', 'y', 'z');
    third.end();
    await until(() => !browser.view().loading);
    assert.equal(current(), 'y');
  });

  test('keeps the earlier entries and their marks until the whole folder is read again', async t => {
    const {browser, reading, shown, marked, current} = startBrowser(t);
    browser.open(path(''));
    const first = await reading(1);
    first.give('a', 'b', 'c');
    first.end();
    await until(() => !browser.view().loading);
    browser.linkChanged(true);
    browser.refresh();
    const second = await reading(2);
    second.give('a');
    assert.deepEqual([shown(), browser.view().isOffline], [['a', 'b', 'c'], true]);
    browser.move({by: 'row', count: 1});
    browser.aim(() => browser.toggleMark());
    assert.deepEqual([marked(), current()], [['b'], 'c']);
    second.fail(lost);
    const third = await reading(3);
    assert.deepEqual(shown(), ['a', 'b', 'c']);
    browser.change({sort: {key: 'name', reverse: true}});
    third.give('b', 'c', 'd');
    third.end();
    browser.linkChanged(false);
    await until(() => !browser.view().loading && shown().length === 3);
    assert.deepEqual([shown(), marked(), current()], [['d', 'c', 'b'], ['b'], 'c']);
  });

  test('shows an earlier folder as it was last read, as long as there is no link', async t => {
    const {browser, reading, shown} = startBrowser(t);
    browser.open(path(''));
    const first = await reading(1);
    first.give('a/', 'b');
    first.end();
    await until(() => !browser.view().loading);
    browser.open(path('a'));
    const second = await reading(2);
    second.give('x');
    second.end();
    await until(() => !browser.view().loading);
    browser.linkChanged(true);
    browser.leave();
    const third = await reading(3);
    assert.deepEqual([shown(), browser.view().loading], [['a/', 'b'], true]);
    browser.open(path('other'));
    assert.deepEqual(shown(), ['..']);
    browser.open(path('a'));
    assert.deepEqual(shown(), ['..', 'x']);
    third.give('late');
    browser.linkChanged(false);
    const fifth = await reading(5);
    fifth.give('y');
    fifth.end();
    await until(() => !browser.view().loading);
    assert.deepEqual(shown(), ['..', 'y']);
    browser.leave();
    assert.deepEqual(shown(), [], 'with a link nothing old is shown');
  });

  test('waits for the link if that is lost, too', async t => {
    const {browser, readings, reading, link, shown} = startBrowser(t);
    browser.open(path(''));
    const first = await reading(1);
    first.give('m');
    await until(() => shown().length === 1);
    link.isConnected = false;
    first.fail(lost);
    await until(() => browser.view().error !== undefined);
    // Its timer has fired by then, and the received entries are still there.
    await new Promise(resolve => setTimeout(resolve, 1));
    assert.deepEqual([shown(), readings.length], [['m'], 1]);
    link.isConnected = true;
    browser.readOn();
    await reading(2);
  });
});

test('of a folder with too many entries the first ones are kept, which is reported, and they can be used', async t => {
  const {browser, reading, shown, changed} = startBrowser(t, {mostEntries: 3});
  browser.open(path('huge'));
  const first = await reading(1);
  await changed(() => first.give('a', 'b'));
  assert.equal(browser.view().note, undefined);
  await changed(() => first.give('c', 'd', 'e'));
  await until(() => !browser.view().loading);
  const {note, total, error} = browser.view();
  assert.deepEqual({note, total, error}, {note: 'full', total: 3, error: undefined});
  browser.resize(10);
  assert.deepEqual(shown(), ['..', 'a', 'b', 'c']);
});

test('a folder from which nothing arrives for a while shows how to stop, until something arrives', async t => {
  const {browser, reading} = startBrowser(t, {quietMs: 50});
  browser.open(path('slow'));
  const first = await reading(1);
  await until(() => browser.view().note === 'quiet');
  assert.equal(browser.view().loading, true);
  first.give('a');
  await until(() => browser.view().total === 1 && browser.view().note === undefined);
  await until(() => browser.view().note === 'quiet');
  first.end();
  await until(() => !browser.view().loading);
  assert.equal(browser.view().note, undefined);
});
