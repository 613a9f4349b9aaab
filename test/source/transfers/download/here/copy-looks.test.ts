import assert from 'node:assert/strict';
import {mkdirSync, statSync, symlinkSync, utimesSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {type TestContext, test} from 'node:test';
import type {RemotePath} from '../../../../../protocol/remote-path.ts';
import {
  type CopyLook,
  type CopyQuestion,
  lookForCopy,
} from '../../../../../source/transfers/download/here/copy-look.ts';
import {CopyLooks} from '../../../../../source/transfers/download/here/copy-looks.ts';
import {stateOf} from '../../../../../source/transfers/terms/file-state.ts';
import {path, temporaryFolder, until} from '../../../../fixtures/harness.ts';

const nothing: CopyLook = {copy: undefined, partial: undefined};

function question(folder: string, remote: string, known?: string): CopyQuestion {
  const name = remote.slice(remote.lastIndexOf('/') + 1);
  return {
    path: path(remote),
    ticket: 0,
    places: [
      {folder, localPath: name},
      {folder, localPath: remote},
    ],
    isKnown: file => file === known,
  };
}

function folderWith(t: TestContext, files: Record<string, string>): string {
  const folder = temporaryFolder(t);
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), {recursive: true});
    writeFileSync(join(folder, name), content);
  }

  return folder;
}

test('the most likely place comes first, unless a file is known to be the copy', async t => {
  const folder = folderWith(t, {'x.txt': 'one', 'a/x.txt': 'three'});
  const look = (known?: string) => lookForCopy(question(folder, 'a/x.txt', known), new Map());
  assert.equal((await look()).copy?.file, join(folder, 'x.txt'));
  assert.equal((await look()).copy?.size, 3);
  assert.equal((await look(join(folder, 'a/x.txt'))).copy?.localPath, 'a/x.txt');
});

test('a partial file counts if there is no copy', async t => {
  const folder = folderWith(t, {'x.jangada-part': 'half', 'a/x': 'whole'});
  const look = await lookForCopy(question(folder, 'a/x'), new Map());
  assert.equal(look.copy?.file, join(folder, 'a/x'));
  assert.equal(look.partial, undefined);
  const other = await lookForCopy(question(folder, 'b/x'), new Map());
  assert.equal(other.partial?.size, 4);
});

test('links, folders and names that lead elsewhere are not copies', async t => {
  const outside = folderWith(t, {x: 'secret'});
  const folder = folderWith(t, {'y/z': ''});
  symlinkSync(outside, join(folder, 'a'));
  symlinkSync(join(outside, 'x'), join(folder, 'x'));
  for (const remote of ['a/x', 'y', 'b/none']) {
    assert.deepEqual(await lookForCopy(question(folder, remote), new Map()), nothing);
  }

  const places = [{folder, localPath: '../x'}];
  assert.deepEqual(
    await lookForCopy({path: path('x'), ticket: 0, places, isKnown: () => false}, new Map()),
    nothing,
  );
});

/** Looks that end when the test calls `end`. */
function heldLooks(t: TestContext) {
  const held = new Map<RemotePath, () => void>();
  const found: RemotePath[] = [];
  let stuck = 0;
  const looks = new CopyLooks(
    {found: question => found.push(question.path), stuck: () => stuck++},
    async ({path}) => {
      await new Promise<void>(resolve => {
        held.set(path, resolve);
      });
      return nothing;
    },
  );
  t.after(() => looks.close());
  const end = (name: string) => {
    held.get(path(name))?.();
    held.delete(path(name));
  };
  const started = () => [...held.keys()];
  return {looks, found, started, end, stuckCount: () => stuck};
}

const ask = (names: string[]) => names.map(name => question('/to', name));

test('two copies are looked at at once, and questions that are no longer asked are dropped', async t => {
  const {looks, found, started, end} = heldLooks(t);
  looks.ask(ask(['a', 'b', 'c', 'd']));
  assert.deepEqual(started(), ['a', 'b']);
  looks.ask(ask(['e', 'a']));
  end('b');
  await until(() => found.length === 1);
  assert.deepEqual(started(), ['a', 'e']);
  looks.askFirst([question('/to', 'f')]);
  end('e');
  await until(() => found.length === 2);
  assert.deepEqual(started(), ['a', 'f']);
  end('a');
  await until(() => found.length === 3);
  // It was asked again during its look, which had begun before the question.
  assert.deepEqual(started(), ['f', 'a']);
});

test('a hanging disk is reported, blocks at most two threads, and its recovery is noticed', async t => {
  const {looks, started, end, stuckCount} = heldLooks(t);
  looks.ask(ask(['a', 'b']));
  await until(() => looks.isStuck);
  looks.ask(ask(['c', 'd', 'e']));
  assert.deepEqual(started(), ['a', 'b']);
  end('a');
  await until(() => !looks.isStuck);
  assert.equal(stuckCount(), 2);
});

test('a disk counts as hanging a second after the last look ended, and not after nobody asks any more', async t => {
  t.mock.timers.enable({apis: ['setTimeout']});
  const {looks, found, end, stuckCount} = heldLooks(t);
  const turn = () => new Promise(setImmediate);
  looks.ask(ask(['a', 'b']));
  t.mock.timers.tick(900);
  end('a');
  await turn();
  assert.equal(found.length, 1);
  t.mock.timers.tick(999);
  assert.equal(looks.isStuck, false);
  t.mock.timers.tick(1);
  assert.deepEqual([looks.isStuck, stuckCount()], [true, 1]);
  end('b');
  await turn();
  assert.deepEqual([looks.isStuck, stuckCount()], [false, 2]);
  t.mock.timers.tick(60_000);
  assert.equal(stuckCount(), 2, 'nothing is looked at');
});

test('once it is closed nothing is reported and nothing more is looked at', async t => {
  t.mock.timers.enable({apis: ['setTimeout']});
  const {looks, found, started, end, stuckCount} = heldLooks(t);
  looks.ask(ask(['a', 'b', 'c']));
  looks.close();
  t.mock.timers.tick(60_000);
  end('a');
  end('b');
  await new Promise(setImmediate);
  assert.deepEqual([found, started(), stuckCount()], [[], [], 0]);
});

test('what is asked for first comes before what waits, and once', async t => {
  const {looks, found, started, end} = heldLooks(t);
  looks.ask(ask(['a', 'b', 'c', 'd']));
  looks.askFirst(ask(['d']));
  for (const name of ['a', 'b']) {
    end(name);
  }

  await until(() => found.length === 2);
  assert.deepEqual(started(), ['d', 'c']);
  end('d');
  end('c');
  await until(() => found.length === 4);
  assert.deepEqual(started(), []);
});

test('a copy is known by its size, its time and its state, and a partial by what it takes of the disk', async t => {
  const folder = folderWith(t, {x: 'four', 'y.jangada-part': 'part'});
  utimesSync(join(folder, 'x'), 1_700_000_000, 1_700_000_000.25);
  const {copy} = await lookForCopy(question(folder, 'a/x'), new Map());
  assert.deepEqual(copy, {
    ...{folder, localPath: 'x', file: join(folder, 'x'), size: 4, mtimeMs: 1_700_000_000_250},
    state: stateOf(statSync(join(folder, 'x'), {bigint: true})),
  });
  const file = join(folder, 'y.jangada-part');
  const {partial} = await lookForCopy(question(folder, 'a/y'), new Map());
  assert.deepEqual(partial, {file, size: 4, allocated: statSync(file).blocks * 512});
});
