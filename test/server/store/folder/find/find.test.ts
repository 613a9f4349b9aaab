import assert from 'node:assert/strict';
import {closeSync, mkdirSync, openSync, symlinkSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {startEffort} from '../../../../fixtures/server/effort.ts';
import {openUnder, ServedFolder, until} from '../../../../fixtures/server/server-folder.ts';
import {entriesIn, json, kinds, type RawPeer} from '../../../../fixtures/server/server-raw-peer.ts';

async function find(peer: RawPeer, masks: string[], path = ''): Promise<string[]> {
  const frames = await peer.ask(kinds.find, {path, masks});
  const end = frames.at(-1);
  assert.equal(end?.kind, kinds.end, String(end?.payload));
  const names = entriesIn(frames).map(({name}) => name);
  assert.equal(end && json(end).count, names.length);
  return names.sort();
}

test('masks match by the rules of the protocol', async () => {
  const names = [
    'a.txt',
    'b.TXT',
    '.hidden',
    'sub/a.txt',
    'sub/.git/config',
    'sub/deep/er/c.txt',
    'a (1).txt',
    'a+b.txt',
    'say "hi".txt',
    '{x}.txt',
    '!bang',
    'é.txt',
    'x|y',
    '[z]',
    'star*',
  ];
  await using folder = await ServedFolder.start(Object.fromEntries(names.map(name => [name, '1'])));
  const peer = await folder.peer();
  const top = names.filter(name => !name.includes('/'));
  const cases: [string[], string[]][] = [
    [['**'], names],
    [['*'], top],
    [['*.txt'], top.filter(name => name.endsWith('.txt'))],
    [['**/*.txt'], names.filter(name => name.endsWith('.txt'))],
    [['?.txt'], ['a.txt', 'é.txt']],
    [['[ab].txt'], ['a.txt']],
    [['[!a].txt'], ['é.txt']],
    [['[a-c].{txt,TXT}'], ['a.txt', 'b.TXT']],
    [
      ['{a,sub/a}.txt', 'sub/**/c.*'],
      ['a.txt', 'sub/a.txt', 'sub/deep/er/c.txt'],
    ],
    [['sub/**'], names.filter(name => name.startsWith('sub/'))],
    [['sub/**', '!sub/deep/**', '!**/config'], ['sub/a.txt']],
    [
      ['!**/*.txt', '!sub/**'],
      ['b.TXT', '.hidden', '!bang', 'x|y', '[z]', 'star*'],
    ],
    [['a (1).txt'], ['a (1).txt']],
    [['a (?)*'], ['a (1).txt']],
    [['a+*'], ['a+b.txt']],
    [['*"hi"*'], ['say "hi".txt']],
    [['{x}*'], ['{x}.txt']],
    [['\\{x\\}.txt'], ['{x}.txt']],
    [['x|*'], ['x|y']],
    [['(x|a)*'], []],
    [['\\!bang'], ['!bang']],
    [['[[]z]'], ['[z]']],
    [['star\\*'], ['star*']],
    [['.h*'], ['.hidden']],
    [['sub'], []],
    [['nothing*'], []],
    [
      ['a.txt', '*.txt', '**/a.txt'],
      [...top.filter(name => name.endsWith('.txt')), 'sub/a.txt'],
    ],
  ];
  for (const [masks, expected] of cases) {
    assert.deepEqual(await find(peer, masks), expected.toSorted(), masks.join(' '));
  }

  assert.deepEqual(await find(peer, ['*.txt', 'deep/**'], 'sub'), ['a.txt', 'deep/er/c.txt']);
  for (const [path, code] of [
    ['a.txt', 'not_a_folder'],
    ['none', 'not_found'],
  ]) {
    peer.request(kinds.find, {path, masks: ['**']});
    assert.equal(await peer.errorCode(), code);
  }
});

test('names that begin with dots or contain backslashes are found like any others', async () => {
  const names = ['..a/b', '..c', '.\\d', 'e\\.f', 'e.f', 'g\\-h/i', 'g-h/i'];
  await using folder = await ServedFolder.start(Object.fromEntries(names.map(name => [name, '1'])));
  const peer = await folder.peer();
  for (const [masks, expected] of [
    [['**', '..a/**', '..a/b'], names],
    [['..*/*'], ['..a/b']],
    [['..*'], ['..c']],
    [['.*'], ['..c', '.\\d']],
    [['?\\\\.f'], ['e\\.f']],
    [['?\\\\-h/*'], ['g\\-h/i']],
    [['**', '!?\\\\-h/**', '!..a'], names.filter(name => name !== 'g\\-h/i' && name !== '..a/b')],
  ] as const) {
    assert.deepEqual(await find(peer, [...masks]), expected.toSorted(), masks.join(' '));
  }
});

test('22: line ends in names and folders hide no file from a mask', async () => {
  const names = ['cr\rx', 'tail\n', '\nfront', 'sub/new\nline', 'su\nb/y', 'u\u2028v', 'w\u2029'];
  await using folder = await ServedFolder.start(Object.fromEntries(names.map(name => [name, '1'])));
  const peer = await folder.peer();
  assert.deepEqual(await find(peer, ['**']), names.toSorted());
  assert.deepEqual(await find(peer, ['*\n*']), ['\nfront', 'tail\n']);
  assert.deepEqual(await find(peer, ['s*/*']), ['su\nb/y', 'sub/new\nline']);
  assert.deepEqual(await find(peer, ['**', '!**/*\n*', '!*\n*/**']), [
    'cr\rx',
    'u\u2028v',
    'w\u2029',
  ]);
});

test('links to folders are followed, and loops end', async () => {
  await using folder = await ServedFolder.start({'a/b/file': 'x', 'c/other': 'y'});
  symlinkSync('../..', join(folder.path, 'a/b/up'));
  symlinkSync('../a', join(folder.path, 'c/toA'));
  symlinkSync('.', join(folder.path, 'self'));
  const peer = await folder.peer();
  assert.deepEqual(await find(peer, ['**']), ['a/b/file', 'c/other', 'c/toA/b/file']);
  assert.deepEqual(await find(peer, ['c/toA/b/*', 'c/toA/**']), ['c/toA/b/file']);
});

test('masks that are not relative, too many, too long or too complex are bad', async () => {
  await using folder = await ServedFolder.start({a: ''});
  writeFileSync(join(folder.outside, 'x'), '');
  const peer = await folder.peer();
  const bad: string[][] = [
    ['/etc/*'],
    ['../*'],
    ['a/../../*'],
    ['{..,a}/*'],
    ['\\.\\./*'],
    ['{/etc,a}/*'],
    ['!../x'],
    ['a\0b'],
    ['{a'],
    ['x'.repeat(4097)],
    ['{a,b}'.repeat(20)],
    [`${'{a,'.repeat(800)}b${'}'.repeat(800)}`],
    [`{${','.repeat(2000)}}`],
    Array.from({length: 65}, () => 'a'),
    Array.from({length: 60}, () => '{a,b,c,d}{a,b,c,d}{a,b}'),
    ['*'.repeat(100_000)],
  ];
  for (const masks of bad) {
    const effortMs = startEffort();
    peer.request(kinds.find, {path: '', masks});
    assert.equal(await peer.errorCode(), 'bad_mask', masks[0]?.slice(0, 40));
    assert.ok(effortMs() < 5000);
  }

  assert.deepEqual(await find(peer, ['*']), ['a']);
});

test('rows 36, 37: a mask that would take for ever is ended, and does not delay others', async () => {
  const evil = 'a'.repeat(220);
  await using folder = await ServedFolder.start({[evil]: '', [`${evil}x`]: '', b: 'b'});
  const attackers = [await folder.peer(), await folder.peer()];
  const effortMs = startEffort();
  for (const attacker of attackers) {
    attacker.request(kinds.find, {path: '', masks: ['*a*a*a*a*a*a*a*a*a*b']});
  }

  const other = await folder.peer();
  let slowest = 0;
  let asked = 0;
  const answers = attackers.map(attacker => attacker.errorCode());
  let ended = false;
  const all = Promise.all(answers).finally(() => {
    ended = true;
  });
  while (!ended) {
    const answerMs = startEffort();
    assert.equal((await other.ask(kinds.get, {path: 'b'})).at(-1)?.kind, kinds.end);
    slowest = Math.max(slowest, answerMs());
    asked++;
  }

  assert.deepEqual(await all, ['bad_mask', 'bad_mask']);
  const ms = effortMs();
  assert.ok(ms < 10_000, `${ms} ms`);
  assert.ok(asked > 100 && slowest < 1500, `${asked} answers, the slowest in ${slowest} ms`);
  assert.deepEqual(await find(other, ['b*']), ['b']);
});

test('row 39: huge folders are searched slice by slice, and no file is missed or found twice', async () => {
  await using folder = await ServedFolder.start({'x/y': ''});
  const expected: string[] = ['x/y'];
  for (const [path, files] of [
    ['one', 4100],
    ['one/two', 4001],
    ['three', 12],
  ] as const) {
    mkdirSync(join(folder.path, path), {recursive: true});
    for (let index = 0; index < files; index++) {
      const name = join(path, `${index}.txt`);
      closeSync(openSync(join(folder.path, name), 'w'));
      expected.push(name);
    }
  }

  const peer = await folder.peer();
  assert.deepEqual(await find(peer, ['**', 'x/y', '1.txt', 'one/**']), expected.sort());
  const some = expected.filter(name => /^one\/(?:two\/)?\d*7\.txt$/.test(name));
  assert.deepEqual(await find(peer, ['one/{,two/}*7.txt', 'one/7.txt']), some);
  assert.deepEqual(await find(peer, ['**', '!**/*.txt']), ['x/y']);
  assert.equal(openUnder(folder.path), 0, 'none of them is left open');
});

test('rows 38, 39: a search in a huge tree streams, waits for its client, and stops with it', async () => {
  const folders = 20;
  const files = 200;
  await using folder = await ServedFolder.start();
  for (let index = 0; index < folders; index++) {
    mkdirSync(join(folder.path, `folder${index}`));
    for (let file = 0; file < files; file++) {
      writeFileSync(join(folder.path, `folder${index}/a file with quite a long name ${file}`), '');
    }
  }

  const peer = await folder.peer();
  const effortMs = startEffort();
  const names = await find(peer, ['**']);
  const ms = effortMs();
  assert.equal(new Set(names).size, folders * files);
  assert.ok(ms < 10_000, `${ms} ms`);
  // Many clients that request searches but do not read. Each search is held back, and ends when its client leaves.
  const leavers = await Promise.all(Array.from({length: 6}, () => folder.peer()));
  for (const leaver of leavers) {
    leaver.request(kinds.find, {path: '', masks: ['**']});
    leaver.request(kinds.find, {path: '', masks: ['**']});
    leaver.socket.pause();
  }

  for (const leaver of leavers) {
    leaver.socket.destroy();
  }

  await until(() => folder.ended === leavers.length, 'the leavers are gone');
  assert.deepEqual((await find(peer, ['folder7/*1'])).length, 20);
});
