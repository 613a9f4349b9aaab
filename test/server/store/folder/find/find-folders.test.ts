import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {closeSync, mkdirSync, openSync, symlinkSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {openUnder, ServedFolder} from '../../../../fixtures/server/server-folder.ts';
import {entriesIn, json, kinds, type RawPeer} from '../../../../fixtures/server/server-raw-peer.ts';

/** The paths of all results, sorted. Those of folders end with a slash. */
async function find(peer: RawPeer, masks: string[], path = ''): Promise<string[]> {
  const frames = await peer.ask(kinds.find, {path, masks, folders: true});
  const end = frames.at(-1);
  assert.equal(end?.kind, kinds.end, String(end?.payload));
  const entries = entriesIn(frames);
  const files = entries.filter(({type}) => type === 'file');
  assert.ok(entries.every(({type, size}) => type === 'file' || (type === 'folder' && size === 0)));
  // The totals count only files.
  assert.deepEqual(end && json(end), {
    count: files.length,
    bytes: files.reduce((sum, {size}) => sum + size, 0),
  });
  return entries.map(({name, type}) => (type === 'folder' ? `${name}/` : name)).sort();
}

function makeFolders(root: string, ...names: string[]): void {
  for (const name of names) {
    mkdirSync(join(root, name), {recursive: true});
  }
}

test('folders that match are found, but only if the request asks for folders', async () => {
  await using folder = await ServedFolder.start({
    'a.jpg': 'xx',
    'sub/b.jpg': 'xxx',
    'sub/deep/c.txt': 'x',
    'drafts/d/e.jpg': 'x',
  });
  makeFolders(folder.path, 'empty', 'sub/deep/none', 'pictures.jpg', '.hidden', 'new\nline/x');
  const peer = await folder.peer();
  const drafts = ['drafts/', 'drafts/d/', 'drafts/d/e.jpg'];
  const line = ['new\nline/', 'new\nline/x/'];
  const sub = ['sub/', 'sub/b.jpg', 'sub/deep/', 'sub/deep/c.txt', 'sub/deep/none/'];
  const all = ['.hidden/', 'a.jpg', ...drafts, 'empty/', ...line, 'pictures.jpg/', ...sub];
  const folders = all.filter(name => name.endsWith('/'));
  const cases: [string[], string[]][] = [
    [['**'], all],
    [['*'], all.filter(name => /^[^/]+\/?$/.test(name))],
    [['**/*.jpg'], ['a.jpg', 'drafts/d/e.jpg', 'pictures.jpg/', 'sub/b.jpg']],
    [['sub/**'], sub],
    [['sub/*'], ['sub/b.jpg', 'sub/deep/']],
    [
      ['sub/deep/**', 'empty'],
      ['empty/', 'sub/deep/', 'sub/deep/c.txt', 'sub/deep/none/'],
    ],
    // A mask with a slash at its end matches only folders.
    [['**/'], folders],
    [['s*/'], ['sub/']],
    [['sub/', 'a.jpg/', 'sub/b.jpg/'], ['sub/']],
    [['{empty,a.jpg}/'], ['empty/']],
    [['sub', 'sub/', 's*', '**/sub'], ['sub/']],
    [
      ['a.jpg/', '*.jpg'],
      ['a.jpg', 'pictures.jpg/'],
    ],
    // A mask that excludes a folder excludes everything in it.
    [
      ['**', '!drafts/**', '!sub', '!.*'],
      ['a.jpg', 'empty/', ...line, 'pictures.jpg/'],
    ],
    [['**', '!**/'], all.filter(name => !name.endsWith('/'))],
    [['**', '!**/deep/**'], all.filter(name => !name.includes('deep'))],
    [['nothing*'], []],
  ];
  for (const [masks, expected] of cases) {
    assert.deepEqual(await find(peer, masks), expected.toSorted(), masks.join(' '));
  }

  // The searched folder itself is not a result.
  assert.deepEqual(await find(peer, ['**', '*'], 'sub/deep'), ['c.txt', 'none/']);
  assert.deepEqual(await find(peer, ['**'], 'empty'), []);
  for (const body of [{}, {folders: false}]) {
    const frames = await peer.ask(kinds.find, {path: '', masks: ['**', 'sub', 'sub/'], ...body});
    assert.deepEqual(
      entriesIn(frames)
        .map(({name}) => name)
        .sort(),
      all.filter(name => !name.endsWith('/')),
    );
  }

  peer.request(kinds.find, {path: '', masks: ['**'], folders: 'yes'});
  assert.equal(await peer.errorCode(), 'bad_request');
});

test('rows 15–19: a folder behind a link is found if it is inside the root and not a loop', async () => {
  await using folder = await ServedFolder.start({'a/b/file': 'x'});
  makeFolders(folder.outside, 'secret/inner');
  makeFolders(folder.path, 'c/inner', 'half.jangada-part/inner');
  for (const [name, target] of [
    ['out', '../secret'],
    ['gone', 'nowhere'],
    ['self', '.'],
    ['a/b/up', '../..'],
    ['a/b/twice', '../b'],
    ['c/toA', '../a'],
  ] as const) {
    symlinkSync(target, join(folder.path, name));
  }

  execFileSync('mkfifo', [join(folder.path, 'fifo')]);
  const peer = await folder.peer();
  const found = ['a/', 'a/b/', 'a/b/file', 'c/', 'c/inner/', 'c/toA/', 'c/toA/b/', 'c/toA/b/file'];
  assert.deepEqual(await find(peer, ['**']), found);
  const masks = ['out', 'out/', 'out/inner', 'gone', 'self', 'fifo', 'half.jangada-part'];
  assert.deepEqual(await find(peer, [...masks, 'half.jangada-part/*', 'out/*']), []);
  // A search that begins further down follows the link up, but ends where it would reach its beginning again.
  assert.deepEqual(await find(peer, ['**'], 'a/b'), [
    'file',
    'up/',
    'up/a/',
    ...['up/c/', 'up/c/inner/', 'up/c/toA/'],
  ]);
  assert.equal(openUnder(folder.path), 0, 'no folder that is not entered is left open');
});

test('row 39: huge folders are searched slice by slice, and no folder is found twice', async () => {
  await using folder = await ServedFolder.start({'x/y': ''});
  makeFolders(folder.path, 'one/two', 'three');
  const expected = ['one/', 'one/two/', 'three/', 'x/', 'x/y'];
  for (let index = 0; index < 4100; index++) {
    closeSync(openSync(join(folder.path, 'one', `${index}.txt`), 'w'));
    mkdirSync(join(folder.path, 'one/two', `${index}`));
    expected.push(`one/${index}.txt`, `one/two/${index}/`);
  }

  const peer = await folder.peer();
  assert.deepEqual(await find(peer, ['**', 'one', 'one/two/', 'one/**']), expected.sort());
  assert.deepEqual(
    await find(peer, ['**/']),
    expected.filter(name => name.endsWith('/')),
  );
  assert.deepEqual(await find(peer, ['one/**', '!**/*.txt', '!one/two/*']), ['one/', 'one/two/']);
  assert.equal(openUnder(folder.path), 0, 'none of them is left open');
});

test('a mask that makes progress is not bad, however many folders it is matched with', async () => {
  await using folder = await ServedFolder.start({}, {deadlines: {maskMs: 200}});
  for (let index = 0; index < 3900; index++) {
    mkdirSync(join(folder.path, `${'a'.repeat(80)}${index}`));
  }

  // Each name takes a moment. All together take longer than a single name may.
  const peer = await folder.peer();
  const startedAt = performance.now();
  assert.deepEqual(await find(peer, ['*a*a*b']), []);
  assert.ok(performance.now() - startedAt > 300);
});

test('a mask that begins with two dots finds the folder too', async () => {
  await using folder = await ServedFolder.start({'..a/b': 'x'});
  const peer = await folder.peer();
  assert.deepEqual(await find(peer, ['..a/**']), ['..a/', '..a/b']);
  assert.deepEqual(await find(peer, ['..a/**', '**', '*/']), ['..a/', '..a/b']);
});
