import assert from 'node:assert/strict';
import {mkdirSync, rmSync} from 'node:fs';
import {join} from 'node:path';
import {suite, test} from 'node:test';
import {until} from '../../../fixtures/harness.ts';
import {down, left, openApp, right, size} from './open-app.ts';

suite('the interface, without its view', () => {
  test('folders open and close with the arrows, and the cursor returns to its earlier entry', async t => {
    const screen = await openApp(t, {'a/1': '', 'b/2': '', 'b/c/3': '', 'z.txt': ''});
    assert.deepEqual(screen.names(), ['a/', 'b/', 'z.txt']);
    screen.type(down + right);
    await screen.ready();
    assert.deepEqual(screen.names(), ['..', 'c/', '2']);
    assert.equal(screen.current(), 'c/');
    screen.type(right);
    await screen.ready();
    screen.type(left);
    await screen.ready();
    assert.equal(screen.current(), 'c/');
    screen.type(left);
    await screen.ready();
    assert.equal(screen.current(), 'b/');
    screen.type(left);
    assert.match(screen.app.view().message?.text ?? '', /top folder of the server/);
  });

  test('keys after q in the same read do nothing', async t => {
    const screen = await openApp(t, {a: 'x'});
    const planned = t.mock.method(screen.queue, 'conflicts').mock;
    screen.type('qd');
    await screen.app.left;
    // Long enough for a download to be planned.
    await new Promise(resolve => setTimeout(resolve, 100));
    assert.deepEqual([planned.callCount(), screen.queue.totals().total], [0, 0]);
  });

  test('thirty keys in one read move thirty rows', async t => {
    const files = Object.fromEntries(Array.from({length: 50}, (_, index) => [`f${index}`, '']));
    const screen = await openApp(t, files);
    screen.type('j'.repeat(30));
    assert.equal(screen.current(), 'f30');
  });

  test('keys that are typed before a folder has arrived take effect when it is there', async t => {
    const files = Object.fromEntries(Array.from({length: 9}, (_, index) => [`d${index}/e/f`, '']));
    const screen = await openApp(t, files);
    screen.type('jjjll');
    await until(() => screen.current() === 'f');
    screen.type('hhjj');
    await until(() => screen.current() === 'd5/');
    screen.type('l \u0001d');
    await until(() => screen.app.view().transfers.queue.done === 1);
    assert.equal(screen.queue.snapshot().rows[0]?.remotePath, 'd5/e/f');
  });

  test('a key that waits for a folder acts on the pane in which it was pressed', async t => {
    const screen = await openApp(t, {'a/1': '', 'a/2': '', 'a/3': ''});
    screen.type(`${right}j3`);
    assert.equal(screen.app.view().focus, 'transfers');
    await screen.ready();
    assert.equal(screen.current(), '2');
  });

  test('help ends at its last line, and begins at its first', async t => {
    const screen = await openApp(t, {a: ''});
    screen.app.resize({columns: 80, rows: 24});
    screen.type(`?${'\u001b[6~'.repeat(20)}`);
    const offset = () => screen.app.view().help?.offset;
    const {offset: last = 0, length = 0, room = 0} = screen.app.view().help ?? {};
    assert.equal(last, length - room);
    screen.type('k');
    assert.equal(offset(), last - 1);
    screen.type('\u0015');
    assert.equal(offset(), last - 1 - room / 2);
    screen.type('g');
    assert.equal(offset(), 0);
    screen.type('?');
    assert.equal(offset(), undefined);
  });

  test('the files of a folder are counted during a search, and the totals show this', async t => {
    const files = Object.fromEntries(Array.from({length: 1100}, (_, at) => [`a/${at}`, 'x']));
    const screen = await openApp(t, files);
    const said = new Set<string | undefined>();
    t.after(screen.app.repainter.subscribe(() => said.add(screen.app.view().message?.text)));
    screen.type('d');
    await until(() => screen.app.view().transfers.queue.total === 1100);
    assert.ok(said.has('Counting: 1,100 files, 1.1 kB so far. Esc stops.'), [...said].join('\n'));
  });

  test('Space marks and moves on, * inverts the marks, and Ctrl-A marks all', async t => {
    const screen = await openApp(t, {a: '', b: '', c: ''});
    screen.type('  ');
    assert.deepEqual(screen.app.view().files.marked, [true, true, false]);
    screen.type('*');
    assert.deepEqual(screen.app.view().files.marked, [false, false, true]);
    screen.type('\u0001');
    assert.deepEqual(screen.app.view().files.marked, [true, true, true]);
  });

  test('Escape never unmarks', async t => {
    const screen = await openApp(t, {a: '', b: ''});
    screen.type(' ');
    screen.app.press({name: 'escape', text: ''});
    assert.equal(screen.app.view().files.marks.files, 1);
  });

  test('a missing folder is reported, and r reads it again', async t => {
    const screen = await openApp(t, {'a/x': ''});
    rmSync(join(screen.root, 'a'), {recursive: true});
    screen.type(right);
    await until(() => screen.app.view().files.error !== undefined);
    mkdirSync(join(screen.root, 'a/b'), {recursive: true});
    screen.type('r');
    await screen.ready();
    assert.deepEqual(screen.names(), ['..', 'b/']);
    assert.equal(screen.app.view().files.error, undefined);
  });

  test('the panes follow the size, and rows fill the space', async t => {
    const files = Object.fromEntries(Array.from({length: 50}, (_, index) => [`f${index}`, '']));
    const screen = await openApp(t, files);
    screen.app.resize({columns: 60, rows: 15});
    assert.equal(screen.app.view().layout.mode, 'folded');
    assert.equal(screen.names().length, 9);
    screen.type('G');
    screen.app.resize(size);
    assert.equal(screen.current(), 'f49');
  });
});
