import assert from 'node:assert/strict';
import {suite, type TestContext, test} from 'node:test';
import {Browser} from '../../../../../../source/tui/model/files/browser.ts';
import {Repainter} from '../../../../../../source/tui/model/repainter.ts';
import {path, until} from '../../../../../fixtures/harness.ts';

const many = 5000;

/** A browser of a folder `a` with `names`, which the test can change before another reading. */
async function openLarge(t: TestContext) {
  const folder = {names: Array.from({length: many}, (_, index) => `f${index}`)};
  const browser = new Browser(
    {
      async *list(opened) {
        yield opened === 'a'
          ? folder.names.map(name => ({name, type: 'file', size: 0, mtimeMs: 0}) as const)
          : [];
      },
      find: () => assert.fail('nothing is searched for here'),
      isConnected: () => true,
    },
    new Repainter(),
  );
  t.after(() => browser.close());
  const read = async () => {
    browser.open(path('a'));
    await until(() => !browser.view().loading);
  };
  await read();
  return {browser, folder, read};
}

suite('marks of a large folder on the screen', () => {
  test('survive another order, a filter, another folder and another reading', async t => {
    const {browser, folder, read} = await openLarge(t);
    const all = {files: many, folders: 0, bytes: 0};
    browser.marking.markShown();
    browser.change({sort: {key: 'time', reverse: true}});
    browser.change({filter: 'f12'});
    await until(() => !browser.view().sorting);
    assert.deepEqual([browser.view().shown, browser.view().marks], [111, all]);
    assert.ok(browser.view().marked.slice(1).every(Boolean));
    assert.equal(browser.marking.counts().hiddenMarks, many - 111);
    browser.leave();
    folder.names = ['new', ...folder.names.slice(1).reverse()];
    await read();
    assert.deepEqual([browser.view().total, browser.view().marks], [many, all]);
    assert.equal(browser.marking.hidden().length, 0);
    browser.change({sort: {key: 'name', reverse: true}});
    await until(() => !browser.view().sorting);
    browser.move({to: 'top'});
    // The parent folder, the new entry, and then the marked ones.
    assert.deepEqual(browser.view().marked.slice(0, 3), [false, false, true]);
    assert.ok(browser.marks.entries().some(entry => entry.path === 'a/f0'));
  });

  test('do not keep its listing in memory when it is left, if they are few', async t => {
    const {browser} = await openLarge(t);
    browser.marking.markShown();
    const {listing} = browser;
    const rows = Array.from({length: many - 2}, (_, index) => index + 2);
    browser.marking.markRows({listing, rows}, 'unmark');
    const {table} = listing;
    browser.leave();
    const asked = t.mock.method(table, 'name').mock;
    assert.deepEqual(
      browser.marks.entries().map(entry => entry.path),
      ['a/f0', 'a/f1'],
    );
    assert.equal(asked.callCount(), 0);
  });

  test('are those that were counted, also if the folder was read again since', async t => {
    const {browser, folder, read} = await openLarge(t);
    const {listing} = browser;
    const rows = ['f7', 'f8'].map(name => listing.table.find(name) ?? assert.fail());
    folder.names = ['a', ...folder.names];
    await read();
    assert.notEqual(browser.listing, listing);
    browser.marking.markRows({listing, rows}, 'mark');
    const marked = browser.marks.entries().map(entry => entry.path);
    assert.deepEqual(marked, ['a/f7', 'a/f8']);
  });
});
