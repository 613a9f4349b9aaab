import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import {folderBeginning} from '../../../../../source/tui/model/details/folder-beginning.ts';
import {path, until} from '../../../../fixtures/harness.ts';
import {openApp} from '../open-app.ts';

suite('the names in a folder', () => {
  test('are in order, folders first, and at most a thousand', async () => {
    const entry = (name: string, type: 'file' | 'folder' = 'file') => ({
      ...{name, type, size: 1, mtimeMs: 1},
    });
    const list = async function* () {
      yield [entry('page 10'), entry('page 9')];
      yield [entry('sub', 'folder')];
    };
    const {signal} = new AbortController();
    assert.deepEqual(await folderBeginning({list}, path('a'), {signal}), {
      names: ['sub/', 'page 9', 'page 10'],
      isCut: false,
    });
    let batches = 0;
    const long = async function* () {
      for (; batches < 9; batches++) {
        yield Array.from({length: 600}, (_, index) => entry(`${batches} ${index}`));
      }
    };
    const {names, isCut} = await folderBeginning({list: long}, path('a'), {signal});
    assert.equal(names.length, 1000);
    assert.equal(isCut, true);
    assert.ok(batches < 3, 'the others are not read');
  });

  test('are the preview of a folder', async t => {
    const screen = await openApp(t, {'a/one.txt': '1', 'a/b/two.txt': '2'});
    screen.type('i');
    await until(() => screen.app.view().details?.preview?.state.name === 'folder');
    const {state} = screen.app.view().details?.preview ?? {};
    assert.deepEqual(state, {name: 'folder', names: ['b/', 'one.txt'], isCut: false});
  });
});
