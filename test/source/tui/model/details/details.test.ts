import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import {until} from '../../../../fixtures/harness.ts';
import {down, left, openApp, right} from '../open-app.ts';

suite('details', () => {
  test('the right pane shows the entry under the cursor, or the folder if there is no entry', async t => {
    const screen = await openApp(t, {'a/x': '', 'a/y': '', 'b.txt': 'harbour'});
    const details = () => screen.app.view().details;
    assert.deepEqual(
      [details()?.path, details()?.type, details()?.count],
      ['a', 'folder', undefined],
    );
    screen.type(down);
    assert.deepEqual([details()?.path, details()?.size], ['b.txt', 7]);
    await until(() => details()?.state?.name === 'nothing');
    screen.type('k');
    screen.type(right);
    await screen.ready();
    // On the row of the parent folder, the pane shows the folder itself.
    screen.type('k');
    assert.deepEqual([details()?.path, details()?.count], ['a', 2]);
    screen.type(left);
    await screen.ready();
    assert.deepEqual([details()?.path, details()?.count], ['a', 2]);
  });

  test('the right pane shows the verifier while it works and for its file, whichever pane has the keys', async t => {
    const screen = await openApp(t, {a: 'x', b: 'y'});
    const shown = () => screen.app.view().details?.path;
    screen.type('d');
    await until(() => screen.app.view().here[0]?.name === 'same');
    screen.type('v');
    await until(() => screen.app.view().verifier.state.name === 'compared');
    assert.equal(shown(), undefined);
    screen.type('j');
    assert.equal(shown(), 'b');
    // The keys of the pane act on the shown file.
    screen.type('2');
    assert.equal(shown(), 'b');
    assert.ok(['position', 'repair'].every(action => screen.app.view().idle.includes(action)));
    screen.type('p');
    assert.match(screen.app.view().message?.text ?? '', /^Press v on a file first; p hashes that/);
    assert.equal(screen.app.view().prompt, undefined);
    screen.type('v');
    await until(() => screen.app.view().verifier.path === 'b');
    assert.equal(screen.app.view().verifier.state.name, 'absent');
    assert.equal(shown(), undefined);
    screen.type('1kv');
    await until(() => screen.app.view().verifier.state.name === 'compared');
    assert.equal(shown(), undefined);
    // `i` asks for the preview.
    screen.type('i');
    assert.equal(shown(), 'a');
  });

  test('a file that is verified in the transfers while a folder has no rows is shown until the cursor moves', async t => {
    const screen = await openApp(t, {'sub/a': '', 'sub/b': '', z: 'x'});
    const {app} = screen;
    screen.type('jd');
    await until(() => app.view().here[1]?.name === 'same');
    screen.type(`k${right}`);
    assert.deepEqual([app.view().files.loading, app.view().files.total], [true, 0]);
    screen.type('3v1');
    assert.equal(app.view().files.total, 0);
    await screen.ready();
    await until(() => app.view().verifier.state.name === 'compared');
    assert.equal(screen.current(), 'a');
    assert.equal(app.view().details, undefined);
    screen.type('j');
    assert.equal(app.view().details?.path, 'sub/b');
    screen.type('k');
    assert.equal(app.view().details?.path, 'sub/a');
  });

  test('a file that was verified in the transfers is shown until the cursor of the files moves', async t => {
    const screen = await openApp(t, {a: 'x', b: 'y'});
    const {app} = screen;
    screen.type('d');
    await until(() => app.view().here[0]?.name === 'same');
    screen.type('j3v');
    await until(() => app.view().verifier.state.name === 'compared');
    assert.deepEqual([app.view().verifier.path, app.view().details], ['a', undefined]);
    screen.type('2');
    assert.ok(!app.view().idle.includes('position'));
    screen.type('1k');
    assert.equal(app.view().details, undefined);
    screen.type('j');
    assert.equal(app.view().details?.path, 'b');
  });

  test('i shows the beginning of the file under the cursor, wherever the cursor goes, and Esc closes it', async t => {
    const screen = await openApp(t, {'a.txt': 'one\ntwo', b: Buffer.from([0, 1, 2]), 'c/d': ''});
    const preview = () => screen.app.view().details?.preview?.state;
    screen.type('j');
    assert.equal(preview(), undefined);
    screen.type('i');
    await until(() => preview()?.name === 'text');
    const state = preview();
    assert.deepEqual(state?.name === 'text' && state.lines, ['one', 'two']);
    screen.type('j');
    await until(() => preview()?.name === 'bytes');
    // For a folder, the preview has the names in it.
    screen.type('g');
    await until(() => preview()?.name === 'folder');
    screen.app.press({name: 'escape', text: ''});
    assert.equal(preview(), undefined);
    screen.type('\u001bOR');
    assert.equal(preview()?.name, 'folder');
  });

  test('keys of the right pane scroll the preview', async t => {
    const screen = await openApp(t, {a: 'line\n'.repeat(200)});
    const preview = () => screen.app.view().details?.preview;
    screen.type('i2');
    await until(() => preview()?.state.name === 'text');
    screen.type('jjj');
    assert.equal(preview()?.offset, 3);
    screen.app.press({name: 'escape', text: ''});
    assert.equal(screen.app.view().focus, 'verifier');
    assert.equal(preview(), undefined);
  });

  test('in a small terminal the preview opens its pane', async t => {
    const screen = await openApp(t, {a: 'x'});
    screen.app.resize({columns: 60, rows: 15});
    screen.type('i');
    assert.equal(screen.app.view().focus, 'verifier');
  });
});
