import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import {until} from '../../../../fixtures/harness.ts';
import {click, currentTransfer, openApp, wheel} from '../../model/open-app.ts';

const many = Object.fromEntries(Array.from({length: 90}, (_, at) => [`f${100 + at}`, 'x']));
/** The first row of the files, below the header, the wall and the column heads. */
const firstRow = 3;

suite('the mouse', () => {
  test('a click moves the cursor to the row, and a click below the last row does nothing', async t => {
    const screen = await openApp(t, {a: '', b: '', c: ''});
    screen.type(click(10, firstRow + 2));
    assert.equal(screen.current(), 'c');
    screen.type(click(10, firstRow + 9));
    assert.equal(screen.current(), 'c');
    screen.type(click(10, firstRow));
    assert.equal(screen.current(), 'a');
  });

  test('a second click opens the folder, or the parent folder', async t => {
    const screen = await openApp(t, {'a/1': '', 'b/2': ''});
    screen.type(click(10, firstRow + 1).repeat(2));
    await screen.ready();
    assert.deepEqual(screen.names(), ['..', '2']);
    screen.type(click(10, firstRow).repeat(2));
    await screen.ready();
    assert.deepEqual(screen.names(), ['a/', 'b/']);
    assert.equal(screen.current(), 'b/');
  });

  test('two clicks on different rows, or with a pause between them, open nothing', async t => {
    const screen = await openApp(t, {'a/1': '', 'b/2': ''});
    screen.type(click(10, firstRow + 1) + click(10, firstRow) + click(10, firstRow + 1));
    assert.equal(screen.app.view().files.path, '');
    const press = {action: 'press', button: 'left', column: 10, row: firstRow} as const;
    const row = {on: 'pane', pane: 'files', line: 0} as const;
    screen.app.point(press, row, 1_000_000);
    screen.app.point(press, row, 1_000_400);
    assert.equal(screen.app.view().files.path, '');
    screen.app.point(press, row, 1_000_799);
    assert.equal(screen.app.view().files.path, 'a');
  });

  test('a click before a folder has arrived counts for none of its entries', async t => {
    const screen = await openApp(t, {'a/1/x': '', 'a/2/x': ''});
    screen.type(`l${click(10, firstRow + 1).repeat(2)}`);
    assert.equal(screen.app.view().files.heldKeys, 0);
    await screen.ready();
    assert.equal(screen.app.view().files.path, 'a');
    assert.equal(screen.current(), '1/');
  });

  test('a click gives the pane the keys, also on its title', async t => {
    const screen = await openApp(t, {a: ''});
    const {verifier, transfers} = screen.app.view().layout.panes;
    const focus = () => screen.app.view().focus;
    screen.type(click(verifier.left + 2, verifier.top + 5));
    assert.equal(focus(), 'verifier');
    screen.type(click(20, transfers.top));
    assert.equal(focus(), 'transfers');
    screen.type(click(5, 1));
    assert.equal(focus(), 'files');
  });

  test('a folded pane opens with a click on its title', async t => {
    const screen = await openApp(t, {a: ''});
    screen.app.resize({columns: 60, rows: 15});
    screen.type(click(5, screen.app.view().layout.panes.transfers.top - 1));
    assert.equal(screen.app.view().focus, 'transfers');
    screen.type(click(5, screen.app.view().layout.panes.files.top - 1));
    assert.equal(screen.app.view().focus, 'files');
    screen.type(click(5, screen.app.view().layout.panes.files.top + 1));
    assert.equal(screen.current(), 'a');
  });

  test('the wheel moves the rows by three, and the cursor stays on its entry while that is visible', async t => {
    const screen = await openApp(t, many);
    screen.type(`jjj${wheel(10, 10, 1)}`);
    assert.equal(screen.names()[0], 'f103');
    assert.equal(screen.current(), 'f103');
    screen.type(wheel(10, 10, 2));
    assert.equal(screen.names()[0], 'f109');
    assert.equal(screen.current(), 'f109');
    screen.type(wheel(10, 10, -1));
    assert.equal(screen.names()[0], 'f106');
    assert.equal(screen.current(), 'f109');
    screen.type(wheel(10, 10, 200));
    assert.equal(screen.current(), 'f189');
    screen.type(wheel(10, 10, -200));
    assert.equal(screen.current(), 'f100');
  });

  test('the wheel acts on the pane under the mouse, and the keys stay with their pane', async t => {
    const screen = await openApp(t, many);
    screen.type('\u0001d');
    await until(() => screen.app.view().transfers.queue.done === 90);
    const {transfers} = screen.app.view().layout.panes;
    screen.type(wheel(10, transfers.top, -100));
    assert.equal(screen.app.view().focus, 'files');
    assert.equal(currentTransfer(screen.app)?.remotePath, 'f100');
    screen.type(wheel(10, transfers.top, 1));
    assert.equal(screen.app.view().transfers.rows[0]?.remotePath, 'f103');
    assert.equal(screen.current(), 'f100');
    // After the pane has had and lost the keys, it follows the work again.
    screen.type('1');
    assert.equal(screen.app.view().transfers.more.size, 1);
  });

  test('a click in the transfers moves the cursor there', async t => {
    const screen = await openApp(t, {a: '1', b: '2', c: '3'});
    screen.type('\u0001d');
    await until(() => screen.app.view().transfers.queue.done === 3);
    const {transfers} = screen.app.view().layout.panes;
    screen.type(click(10, transfers.top + 1));
    assert.equal(screen.app.view().focus, 'transfers');
    assert.equal(currentTransfer(screen.app)?.remotePath, 'b');
  });

  test('a double click opens the clicked row, although the pane grows with the first click', async t => {
    const screen = await openApp(t, many);
    screen.type('\u0001d');
    await until(() => screen.app.view().transfers.queue.done === 90);
    const {layout, transfers} = screen.app.view();
    assert.equal(layout.panes.transfers.rows, 3);
    const clicked = transfers.rows[1]?.id;
    screen.type(click(10, layout.panes.transfers.top + 1).repeat(2));
    assert.equal(screen.app.view().layout.panes.transfers.rows, 14);
    assert.equal(currentTransfer(screen.app)?.id, clicked);
    assert.equal(screen.app.view().opened?.transfer.id, clicked);
  });

  test('a click on the head of a column sorts by it, and a second click reverses the order', async t => {
    const screen = await openApp(t, {big: 'xxx', small: 'x'});
    const {files} = screen.app.view().layout.panes;
    const head = (column: number) => click(files.left + column, files.top);
    const sort = () => screen.app.view().files.options.sort;
    screen.type(`3${head(files.columns - 32)}`);
    assert.deepEqual(sort(), {key: 'size', reverse: false});
    assert.equal(screen.app.view().focus, 'files');
    await until(() => screen.names()[0] === 'small');
    screen.type(head(files.columns - 32));
    assert.deepEqual(sort(), {key: 'size', reverse: true});
    screen.type(head(files.columns - 20));
    assert.deepEqual(sort(), {key: 'time', reverse: false});
    screen.type(head(6));
    assert.deepEqual(sort(), {key: 'name', reverse: false});
    // The column of the local copies is not an order.
    screen.type(head(files.columns - 3));
    assert.deepEqual(sort(), {key: 'name', reverse: false});
  });

  test('in a dialog a click chooses, and a click beside it does nothing', async t => {
    const screen = await openApp(t, {a: ''});
    screen.type('s');
    const {dialog} = screen.app.view();
    assert.equal(dialog?.title, 'Sort by');
    screen.type(click(2, 5) + wheel(2, 5, 1) + click(60, 2));
    assert.equal(screen.app.view().dialog, dialog);
    // The dialog has five choices in the middle of the screen.
    screen.type(click(50, 18));
    await until(() => screen.app.view().dialog === undefined);
    assert.deepEqual(screen.app.view().files.options.sort, {key: 'size', reverse: false});
  });

  test('help scrolls with the wheel, and a click closes it', async t => {
    const screen = await openApp(t, {a: '', b: ''});
    screen.app.resize({columns: 80, rows: 24});
    screen.type(`?${wheel(20, 10, 2)}`);
    assert.equal(screen.app.view().help?.offset, 6);
    screen.type(click(20, 10));
    assert.equal(screen.app.view().help, undefined);
    assert.equal(screen.current(), 'a');
  });

  test('while a line is typed, the mouse types nothing and does not move the keys', async t => {
    const screen = await openApp(t, {'a/1': '', 'b/2': '', 'bb/3': ''});
    screen.type('/b');
    await until(() => screen.names().length === 2);
    const {transfers} = screen.app.view().layout.panes;
    screen.type(click(10, transfers.top) + click(10, firstRow + 1).repeat(2) + click(5, 39));
    const view = screen.app.view();
    assert.equal(view.prompt?.text, 'b');
    assert.equal(view.focus, 'files');
    assert.equal(view.files.path, '');
    assert.equal(screen.current(), 'bb/');
  });

  test('releases, moves and other buttons have no effect', async t => {
    const screen = await openApp(t, {a: '', b: ''});
    const at = `10;${firstRow + 2}`;
    screen.type(
      `\u001b[<0;${at}m\u001b[<2;${at}M\u001b[<1;${at}M\u001b[<32;${at}M\u001b[<66;${at}M`,
    );
    assert.equal(screen.current(), 'a');
  });
});
