import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import {until} from '../../../../fixtures/harness.ts';
import {currentTransfer, down, openApp} from '../../model/open-app.ts';

const escapeKey = {name: 'escape', text: ''};
const files = {
  'boats/sail.txt': 'white',
  'boats/old/Sail-2.txt': 'grey',
  'boats/old/.sailrc': '',
  'sails/jib.txt': '',
  'sea.txt': 'blue',
};

suite('finding in the tree', () => {
  test('shows all entries of that name below the folder, folders first, with their paths', async t => {
    const screen = await openApp(t, files);
    screen.type('fsail\r');
    await screen.ready();
    const {files: view} = screen.app.view();
    assert.deepEqual(screen.names(), [
      'sails/',
      'boats/old/.sailrc',
      'boats/old/Sail-2.txt',
      'boats/sail.txt',
    ]);
    assert.equal(view.found?.count, 4);
    assert.equal(view.rows.length, 4);
    screen.app.press(escapeKey);
    await screen.ready();
    assert.deepEqual(screen.names(), ['boats/', 'sails/', 'sea.txt']);
    assert.equal(screen.app.view().files.found, undefined);
  });

  test('Enter goes to the entry in its folder, even if it is hidden there', async t => {
    const screen = await openApp(t, files);
    screen.type(`fsail\r${down}`);
    await screen.ready();
    assert.equal(screen.current(), 'boats/old/.sailrc');
    screen.type('\r');
    await screen.ready();
    assert.equal(screen.app.view().files.path, 'boats/old');
    assert.equal(screen.current(), '.sailrc');
    assert.equal(screen.app.view().files.found, undefined);
  });

  test('a mark on a result counts in its folder, and the file is downloaded from there', async t => {
    const screen = await openApp(t, files);
    screen.type('f*.txt\r');
    await screen.ready();
    screen.type(`/boats\r a`);
    await until(() => screen.app.view().files.marks.files === 2);
    screen.app.press(escapeKey);
    screen.app.press(escapeKey);
    await screen.ready();
    screen.type('\r');
    await screen.ready();
    assert.deepEqual(
      screen.app.view().files.marked.map((isMarked, row) => isMarked && screen.names()[row]),
      [false, false, 'sail.txt'],
    );
    screen.type('hf-2\rd');
    await until(() => screen.queue.totals().done === 2);
    assert.match(currentTransfer(screen.app)?.target ?? '', /\/boats\/(?:old\/)?[Ss]ail/);
  });

  test('masks of + apply to the names of the results', async t => {
    const screen = await openApp(t, files);
    screen.type('ft\r');
    await screen.ready();
    screen.type('+*-?.txt\r');
    await until(() => screen.app.view().files.marks.files === 1);
  });

  test('reports when nothing was found, and when a text is not a mask', async t => {
    const screen = await openApp(t, files);
    screen.type('fkeel\r');
    await screen.ready();
    assert.deepEqual(screen.names(), []);
    screen.type('f\u0015{a\r');
    await until(() => /is not a valid mask/.test(screen.app.view().prompt?.complaint ?? ''));
    screen.app.press(escapeKey);
    screen.app.press(escapeKey);
    await screen.ready();
    assert.equal(screen.names().length, 3);
  });

  test('r searches again, and the filter and the hidden names of the folder do not change', async t => {
    const screen = await openApp(t, {...files, '.hidden': ''});
    screen.type('/s\rfsail\r');
    await screen.ready();
    screen.serve('boats/topsail.txt', '');
    screen.type('r');
    await until(() => screen.app.view().files.found?.count === 5);
    screen.type('h');
    await screen.ready();
    assert.deepEqual(screen.names(), ['boats/', 'sails/', 'sea.txt']);
    assert.equal(screen.app.view().files.options.filter, 's');
  });
});
