import assert from 'node:assert/strict';
import {mkdirSync, rmSync, symlinkSync, utimesSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {type TestContext, test} from 'node:test';
import {parseRemotePath, rootPath} from '../../../../protocol/remote-path.ts';
import {CallThreads} from '../../../../server/store/folder/disk/call-threads.ts';
import {FolderStore} from '../../../../server/store/folder/folder-store.ts';
import {temporaryFolder} from '../../../fixtures/harness.ts';
import {asNobody, setMode} from '../../../fixtures/server/as-nobody.ts';
import {openUnder, until} from '../../../fixtures/server/server-folder.ts';

const {signal} = new AbortController();

/** A store over a folder with the folder `folder`, in which so many files are. */
function storeWith(t: TestContext, files: number, remote = false) {
  const root = temporaryFolder(t);
  mkdirSync(join(root, 'folder'));
  const names = Array.from({length: files}, (_, index) => `${index}`);
  for (const name of names) {
    writeFileSync(join(root, 'folder', name), '');
  }

  const store = new FolderStore(root, {hashThreads: 1, maskMs: 2000, remote});
  t.after(() => store.close());
  const list = (stop = signal) => store.list(parseRemotePath('folder'), stop);
  return {root, store, list, names};
}

for (const remote of [false, true]) {
  test(`a listing${remote ? ' from threads' : ''} ends when its client has left`, async t => {
    const root = temporaryFolder(t);
    for (let index = 0; index < 300; index++) {
      writeFileSync(join(root, `${index}`), '');
    }

    const store = new FolderStore(root, {hashThreads: 1, maskMs: 2000, remote});
    t.after(() => store.close());
    const client = new AbortController();
    let slices = 0;
    await assert.rejects(
      async () => {
        for await (const _entries of store.list(rootPath, client.signal)) {
          slices++;
          client.abort();
        }
      },
      {code: 'aborted'},
    );
    assert.equal(slices, 1);
  });

  test(`a folder that is removed while it is listed${remote ? ' from threads' : ''} does not seem complete`, async t => {
    const root = temporaryFolder(t);
    const folder = join(root, 'folder');
    mkdirSync(folder);
    for (let index = 0; index < 1000; index++) {
      writeFileSync(join(folder, `${index}`), '');
    }

    const store = new FolderStore(root, {hashThreads: 1, maskMs: 2000, remote});
    t.after(() => store.close());
    let slices = 0;
    await assert.rejects(
      async () => {
        for await (const entries of store.list(parseRemotePath('folder'), signal)) {
          assert.ok(entries.length > 0 || slices > 0);
          slices++;
          rmSync(folder, {recursive: true, force: true});
        }
      },
      {code: 'not_found'},
    );
    assert.ok(slices > 0);
  });
}

for (const remote of [false, true]) {
  test(`a listing${remote ? ' from threads' : ''} leaves nothing open, however it ends`, async t => {
    const {root, list} = storeWith(t, 600, remote);
    const isClosed = () => openUnder(root) === 0;
    assert.equal((await Array.fromAsync(list())).flat().length, 600);
    await until(isClosed, 'it is closed after its end');
    for await (const _entries of list()) {
      break;
    }

    await until(isClosed, 'it is closed after its reader has had enough');
    const leaver = new AbortController();
    await assert.rejects(
      async () => {
        for await (const _entries of list(leaver.signal)) {
          leaver.abort();
        }
      },
      {code: 'aborted'},
    );
    await until(isClosed, 'it is closed after its client has left');
  });
}

test('a listing goes on from threads where it was when the disk became slow, without a gap', async t => {
  const {list, names, store} = storeWith(t, 900);
  const {now} = performance;
  let lateMs = 0;
  t.mock.method(performance, 'now', () => now.call(performance) + lateMs);
  const run = t.mock.method(CallThreads.prototype, 'run');
  const seen: string[] = [];
  for await (const entries of list()) {
    if (seen.length === 0) {
      assert.ok(entries.length > 0 && entries.length < 900);
      const reached = store.reach();
      lateMs = 1000;
      await reached;
    }

    seen.push(...entries.map(({name}) => name));
  }

  assert.deepEqual(seen.toSorted(), names.toSorted());
  const calls = run.mock.calls.map(({arguments: [name]}) => name);
  assert.deepEqual(new Set(calls), new Set(['stat', 'names', 'entries', 'close']));
});

test('of a folder that is larger than one call may read, every name is listed once', async t => {
  const {list} = storeWith(t, 0, true);
  for (const count of [49_999, 50_000, 100_001]) {
    const names = Array.from({length: count}, (_, index) => `${index}`);
    const run = t.mock.method(
      CallThreads.prototype,
      'run',
      async (call: string, args: unknown[]) => {
        const [, , from, length] = args;
        return call === 'openFolder'
          ? {place: '/', realPath: '/', descriptor: undefined}
          : call === 'names'
            ? names.slice(Number(from), Number(from) + Number(length))
            : (args[2] as string[]).map(name => ({name}));
      },
    );
    const slices = await Array.fromAsync(list());
    assert.ok(slices.every(({length}) => length <= 250));
    const seen = slices.flat().map(({name}) => name);
    assert.equal(seen.length, count);
    assert.deepEqual(seen, names);
    run.mock.restore();
  }
});

test('a link has the time of what it leads to, and one whose target may not be seen is not listed', async t => {
  const {root, list, store} = storeWith(t, 1);
  utimesSync(join(root, 'folder/0'), 1_600_000_000, 1_600_000_000);
  symlinkSync('0', join(root, 'folder/link'));
  mkdirSync(join(root, 'locked'));
  writeFileSync(join(root, 'locked/key'), 'k');
  symlinkSync('../locked/key', join(root, 'folder/locked'));
  setMode(root, 0o755);
  setMode(join(root, 'folder'), 0o755);
  setMode(join(root, 'locked'), 0o000);
  using _ = asNobody();
  const entries = (await Array.fromAsync(list())).flat();
  assert.deepEqual(entries.map(({name, type, mtimeMs}) => `${name} ${type} ${mtimeMs}`).sort(), [
    '0 file 1600000000000',
    'link file 1600000000000',
  ]);
  await assert.rejects(Array.fromAsync(store.list(parseRemotePath('locked'), signal)), {
    code: 'forbidden',
  });
});
