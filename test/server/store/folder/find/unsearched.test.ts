import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {mkdirSync, rmdirSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {suite, test} from 'node:test';
import {isJangadaError} from '../../../../../protocol/errors.ts';
import type {Unsearched} from '../../../../../protocol/messages.ts';
import {parseRemotePath} from '../../../../../protocol/remote-path.ts';
import {FolderStore} from '../../../../../server/store/folder/folder-store.ts';
import {asNobody, setMode} from '../../../../fixtures/server/as-nobody.ts';
import {ServedFolder} from '../../../../fixtures/server/server-folder.ts';
import {entriesIn, json, kinds, type RawPeer} from '../../../../fixtures/server/server-raw-peer.ts';

type Answer = {names: string[]; count: number; first: Unsearched['first']};

/** The names that a search found, sorted, folders with a slash, and the places that it could not search. */
async function find(peer: RawPeer, masks: string[], folders = false): Promise<Answer> {
  const frames = await peer.ask(kinds.find, {path: '', masks, folders});
  const end = frames.at(-1);
  assert.equal(end?.kind, kinds.end, String(end?.payload));
  const {unsearched = {count: 0, first: []}} = json(end) as {unsearched?: Unsearched};
  return {
    names: entriesIn(frames)
      .map(({name, type}) => (type === 'folder' ? `${name}/` : name))
      .sort(),
    ...unsearched,
  };
}

/** A peer of a server whose search thread runs already: later, as nobody, it could not read the code of the thread. */
async function peerWithThread(folder: ServedFolder): Promise<RawPeer> {
  const peer = await folder.peer();
  await find(peer, ['nothing']);
  return peer;
}

const client = () => ({peer: 'here', signal: new AbortController().signal});

/** Make `levels` folders within each other below `root`, and a file in the last one, even if the path is too long. */
function nest(root: string, name: string, levels: number): void {
  const script = 'cd "$1"; for i in $(seq $3); do mkdir $2; cd $2; done; touch f';
  execFileSync('bash', ['-c', script, '_', root, name, String(levels)]);
}

function removeDeep(folder: ServedFolder): void {
  // Node refuses paths that are too long, but rm descends step by step.
  execFileSync('rm', ['-rf', folder.path]);
}

suite('a search that cannot look everywhere', () => {
  test('names folders that the server may not read, continues with the others, and logs it', async () => {
    await using folder = await ServedFolder.start({'ok/f': '', 'secret/f': '', 'listed/f': ''});
    setMode(folder.outside, 0o755);
    setMode(join(folder.path, 'secret'), 0o000);
    setMode(join(folder.path, 'listed'), 0o400);
    const peer = await peerWithThread(folder);
    using _ = asNobody();
    const {names, count, first} = await find(peer, ['**']);
    assert.deepEqual(names, ['ok/f']);
    assert.equal(count, 2);
    assert.deepEqual(
      first.toSorted((one, other) => (one.name < other.name ? -1 : 1)),
      [
        {name: 'listed', code: 'forbidden'},
        {name: 'secret', code: 'forbidden'},
      ],
    );
    const logged = folder.logs.filter(line => line.includes('could not read every folder'));
    assert.equal(logged.length, 1);
    assert.partialDeepStrictEqual(JSON.parse(logged[0] ?? ''), {level: 40, count: 2, path: ''});
    assert.match(logged[0] ?? '', /"secret: forbidden"/);
  });

  test('has no entry for a folder that cannot be read, because it would seem empty', async () => {
    await using folder = await ServedFolder.start({'ok/f': '', 'secret/f': ''});
    setMode(folder.outside, 0o755);
    setMode(join(folder.path, 'secret'), 0o000);
    const peer = await peerWithThread(folder);
    using _ = asNobody();
    const unsearched = {count: 1, first: [{name: 'secret', code: 'forbidden'}]};
    for (const [mask, names] of [
      ['**', ['ok/', 'ok/f']],
      ['*/', ['ok/']],
    ] as const) {
      assert.deepEqual(await find(peer, [mask], true), {names, ...unsearched}, mask);
    }
  });

  test('does not mention places where no mask leads', async () => {
    await using folder = await ServedFolder.start({'ok/f': '', 'secret/f': ''});
    setMode(folder.outside, 0o755);
    setMode(join(folder.path, 'secret'), 0o000);
    const peer = await peerWithThread(folder);
    using _ = asNobody();
    const nothing = {count: 0, first: []};
    for (const masks of [['ok/**'], ['*'], ['**', '!secret'], ['**', '!secret/**']]) {
      const {names, ...unsearched} = await find(peer, masks);
      assert.deepEqual(unsearched, nothing, masks.join(' '));
    }

    assert.deepEqual(await find(peer, ['secret/f']), {
      names: [],
      count: 1,
      first: [{name: 'secret/f', code: 'forbidden'}],
    });
    assert.equal(folder.logs.filter(line => line.includes('"level":40')).length, 1);
  });

  test('names folders below which paths are deeper than 64 parts', async () => {
    await using folder = await ServedFolder.start({'ok/f': ''});
    nest(folder.path, 'd', 66);
    const deepest = Array.from({length: 64}, () => 'd').join('/');
    const peer = await folder.peer();
    assert.deepEqual(await find(peer, ['**']), {
      names: ['ok/f'],
      count: 1,
      first: [{name: deepest, code: 'too_large'}],
    });
    assert.deepEqual(await find(peer, ['**', '!d']), {names: ['ok/f'], count: 0, first: []});
    removeDeep(folder);
  });

  test('names a folder of which only the files are too deep, if they match', async () => {
    await using folder = await ServedFolder.start();
    nest(folder.path, 'd', 64);
    const peer = await folder.peer();
    assert.equal((await find(peer, ['**'])).count, 1);
    assert.equal((await find(peer, ['**/*.jpg'])).count, 0);
  });

  test('names folders below which paths are longer than 4,096 bytes', async () => {
    await using folder = await ServedFolder.start({'ok/f': ''});
    nest(folder.path, 'n'.repeat(250), 18);
    const peer = await folder.peer();
    const {names, count, first} = await find(peer, ['**']);
    assert.deepEqual(names, ['ok/f']);
    assert.equal(count, 1);
    assert.deepEqual(
      first.map(({name, code}) => [name.split('/').length, code]),
      [[16, 'too_large']],
    );
    removeDeep(folder);
  });

  test('names a folder that is deleted before the search comes to it', async () => {
    await using folder = await ServedFolder.start({'ok/f': ''});
    const gone = join(folder.path, 'zz');
    mkdirSync(gone);
    // So many files that the thread waits for its reader when it has seen only the names of the root.
    for (let index = 0; index < 2500; index++) {
      writeFileSync(join(folder.path, `${index}-${'n'.repeat(240)}`), '');
    }

    const store = new FolderStore(folder.path, {hashThreads: 1, maskMs: 2000});
    const search = {path: parseRemotePath(''), masks: ['**'], folders: false};
    const frames = store.find(search, client());
    await frames.next();
    rmdirSync(gone);
    let next = await frames.next();
    while (!next.done) {
      next = await frames.next();
    }

    assert.deepEqual(next.value, {count: 1, first: [{name: 'zz', code: 'not_found'}]});
    await store.close();
  });

  test('counts all such places, but names only as many as fit into the answer', async () => {
    await using folder = await ServedFolder.start();
    setMode(folder.outside, 0o755);
    const long = '\u0001'.repeat(250);
    mkdirSync(join(folder.path, long, long, long), {recursive: true});
    for (let index = 0; index < 150; index++) {
      for (const parent of ['', `${long}/${long}/${long}/`]) {
        const path = join(folder.path, `${parent}${index}`);
        mkdirSync(path);
        setMode(path, 0o000);
      }
    }

    const peer = await peerWithThread(folder);
    using _ = asNobody();
    const {count, first} = await find(peer, ['**'], true);
    assert.equal(count, 300);
    assert.equal(first.length, 100);
    const deep = await find(peer, [`${long}/**`]);
    assert.equal(deep.count, 150);
    assert.ok(deep.first.length > 10 && deep.first.length < 100, `${deep.first.length} are named`);
  });
});

suite('a search of a folder that cannot be read itself', () => {
  test('fails like a listing of this folder', async () => {
    await using folder = await ServedFolder.start({'secret/f': '', 'listed/f': ''});
    setMode(folder.outside, 0o755);
    setMode(join(folder.path, 'secret'), 0o000);
    setMode(join(folder.path, 'listed'), 0o400);
    const peer = await peerWithThread(folder);
    using _ = asNobody();
    for (const path of ['secret', 'listed']) {
      for (const request of [kinds.find, kinds.list]) {
        peer.request(request, {path, masks: ['**']});
        assert.equal(await peer.errorCode(), 'forbidden', path);
      }
    }
  });

  test('fails with not_found if the folder is deleted before the search comes to it', async () => {
    await using folder = await ServedFolder.start({'gone/f': ''});
    const store = new FolderStore(folder.path, {hashThreads: 1, maskMs: 2000});
    const search = {path: parseRemotePath('gone'), masks: ['**'], folders: false};
    // The folder is looked up in this turn of the event loop, and a thread searches it in a later one.
    const found = store.find(search, client()).next();
    rmSync(join(folder.path, 'gone'), {recursive: true});
    await assert.rejects(found, error => isJangadaError(error, 'not_found'));
    await store.close();
  });
});

test('the listing of a folder that is deleted meanwhile fails with not_found, and is not just shorter', async () => {
  await using folder = await ServedFolder.start();
  const big = join(folder.path, 'big');
  for (const remote of [false, true]) {
    mkdirSync(big);
    for (let index = 0; index < 600; index++) {
      writeFileSync(join(big, `${index}-${'n'.repeat(200)}`), '');
    }

    const store = new FolderStore(folder.path, {hashThreads: 1, maskMs: 2000, remote});
    const slices = store.list(parseRemotePath('big'), new AbortController().signal);
    const reader = slices[Symbol.asyncIterator]();
    assert.notEqual((await reader.next()).value.length, 0);
    rmSync(big, {recursive: true});
    const rest = Array.fromAsync({[Symbol.asyncIterator]: () => reader});
    await assert.rejects(rest, error => isJangadaError(error, 'not_found'));
    await store.close();
  }
});
