import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import {JangadaError} from '../../../../../protocol/errors.ts';
import type {Entry} from '../../../../../protocol/messages.ts';
import {parseRemotePath, rootPath} from '../../../../../protocol/remote-path.ts';
import type {FindOptions} from '../../../../../source/client/client.ts';
import {LocalPlaces} from '../../../../../source/transfers/download/local-places.ts';
import {planDownload} from '../../../../../source/tui/model/download/download-plan.ts';
import type {MarkedEntry} from '../../../../../source/tui/model/files/marks/marks.ts';

const path = parseRemotePath;
const file = (name: string, size = 1): Entry => ({name, type: 'file', size, mtimeMs: 0});
const marked = (type: 'file' | 'folder', name: string, size = 0): MarkedEntry => ({
  type,
  path: path(name),
  size,
  mtimeMs: 0,
});

async function planOf(
  chosen: MarkedEntry[],
  base: string,
  found: Record<string, Entry[][]> = {},
  folds = false,
  unsearched: readonly string[] = [],
  mostNames?: number,
) {
  const progress: number[] = [];
  const plan = await planDownload(chosen, {
    client: {
      stat: () => assert.fail('not asked'),
      async *find(_masks: readonly string[], {path = rootPath, onUnsearched}: FindOptions = {}) {
        if (unsearched.includes(path)) {
          throw new JangadaError('forbidden', 'The server may not read it');
        }

        yield* found[path] ?? [];
        const first = unsearched
          .filter(name => name.startsWith(`${path}/`))
          .map(name => ({name: name.slice(path.length + 1), code: 'forbidden'}) as const);
        onUnsearched?.({count: first.length, first});
      },
    },
    folder: '/downloads',
    places: new LocalPlaces('/downloads', () => folds),
    base: path(base),
    transferOf: () => undefined,
    signal: new AbortController().signal,
    onProgress: ({files}) => progress.push(files),
    ...(mostNames === undefined ? {} : {mostNames}),
  });
  return {plan, progress, saved: plan.files.map(({transfer}) => transfer.localPath)};
}

suite('the files of a download, and their names', () => {
  test('a file keeps the part of its path below the folder of the address', async () => {
    const {saved, plan} = await planOf([marked('file', 'fotos/2025/barco.jpg', 7)], 'fotos');
    assert.deepEqual(saved, ['2025/barco.jpg']);
    assert.equal(plan.bytes, 7);
  });

  test('a folder stands for all files in it', async () => {
    const {saved, progress} = await planOf([marked('folder', 'fotos/2025')], 'fotos', {
      'fotos/2025': [[file('a.jpg')], [file('b/c.jpg'), file('d.jpg')]],
    });
    assert.deepEqual(saved, ['2025/a.jpg', '2025/b/c.jpg', '2025/d.jpg']);
    assert.deepEqual(progress, [1, 3]);
  });

  test('more files than fit into one plan are refused as a whole, and the error says what to do instead', async () => {
    const found = {all: [[file('a'), file('b')], [file('c')]]};
    const {saved} = await planOf([marked('folder', 'all')], '', found, false, [], 3);
    assert.equal(saved.length, 3);
    await assert.rejects(planOf([marked('folder', 'all')], '', found, false, [], 2), {
      code: 'too_large',
      message: 'There are more than 2 files: select fewer at once, or use jangada mget',
    });
  });

  test('a file outside that folder keeps its whole path, and is refused if another file has that place', async () => {
    const chosen = [marked('file', 'b/y'), marked('file', 'a/x'), marked('file', 'x')];
    const {saved, plan} = await planOf(chosen, 'a');
    assert.deepEqual(saved, ['b/y', 'x']);
    assert.deepEqual(plan.refused.exists, {count: 1, names: ['x']});
  });

  test('a marked file in a marked folder is planned once', async () => {
    const {saved} = await planOf([marked('file', 'a/x'), marked('folder', 'a')], '', {
      a: [[file('x')]],
    });
    assert.deepEqual(saved, ['a/x']);
  });

  test('names that lead elsewhere, or come twice, are counted and left out', async () => {
    const names = ['../x', '/etc/passwd', '', 'ok', 'ok', 'a//b', './c'];
    const {saved, plan} = await planOf([marked('folder', 'a')], '', {
      a: [names.map(name => file(name))],
    });
    assert.deepEqual(saved, ['a/ok']);
    assert.deepEqual(plan.refused, {
      protocol: {count: 6, names: names.filter((name, at) => name !== 'ok' || at === 4)},
      exists: {count: 0, names: []},
    });
  });

  test('partial files on the server are left out, as in every other search', async () => {
    const {saved, plan} = await planOf(
      [marked('folder', 'a'), marked('file', 'b.jangada-part')],
      '',
      {a: [['x.jangada-part', 'y.jangada-part/z', 'x'].map(name => file(name))]},
    );
    assert.deepEqual(saved, ['a/x']);
    assert.deepEqual(plan.refused.protocol.names, [
      'x.jangada-part',
      'y.jangada-part/z',
      'b.jangada-part',
    ]);
  });

  test('on a disk that folds names, a name of a taken place is refused and the others are planned', async () => {
    const chosen = [marked('file', 'a/CAF\u00c9'), marked('folder', 'a'), marked('file', 'b')];
    const found = {a: [['caf\u00e9', 'CAF\u00c9', 'cafe\u0301', 'x'].map(name => file(name))]};
    const {saved, plan} = await planOf(chosen, '', found, true);
    assert.deepEqual(saved, ['a/CAF\u00c9', 'a/x', 'b']);
    assert.deepEqual(plan.refused, {
      protocol: {count: 0, names: []},
      exists: {count: 2, names: ['a/caf\u00e9', 'a/cafe\u0301']},
    });
    assert.equal((await planOf(chosen, '', found)).saved.length, 5);
  });

  test('places that the server could not search are reported, and the rest is planned', async () => {
    const chosen = [marked('folder', 'a'), marked('folder', 'secret'), marked('folder', 'b')];
    const found = {a: [[file('x')]], b: [[file('y')]]};
    const {saved, plan} = await planOf(chosen, '', found, false, ['a/secret', 'secret']);
    assert.deepEqual(saved, ['a/x', 'b/y']);
    assert.deepEqual(plan.unsearched, {count: 2, names: ['a/secret', 'secret']});
  });
});
