import assert from 'node:assert/strict';
import {mkdirSync, writeFileSync} from 'node:fs';
import type {Socket} from 'node:net';
import {join} from 'node:path';
import {suite, type TestContext, test} from 'node:test';
import {frameKinds} from '../../../../../protocol/frame.ts';
import {encodeAnswer} from '../../../../../protocol/messages.ts';
import {parseRemotePath} from '../../../../../protocol/remote-path.ts';
import {Client} from '../../../../../source/client/client.ts';
import type {ChosenEntry} from '../../../../../source/transfers/download/chosen-files.ts';
import {
  compareMany,
  type ManyResult,
} from '../../../../../source/transfers/download/compare/compare-many.ts';
import {startHarness, temporaryFolder, until} from '../../../../fixtures/harness.ts';
import {startHostileServer} from '../../../../fixtures/server/hostile-server.ts';

const folder: ChosenEntry = {path: parseRemotePath('a'), type: 'folder', size: 0, mtimeMs: 0};

/** A folder of `count` files on the server. `local` of them exist locally, and half of these have other bytes. */
async function startMany(t: Parameters<typeof startHarness>[0], count: number, local: number) {
  const harness = await startHarness(t);
  mkdirSync(join(harness.target, 'a'), {recursive: true});
  for (let index = 0; index < count; index++) {
    harness.serve(`a/${index}`, `text ${index}`);
    if (index < local) {
      const text = index % 2 === 0 ? `text ${index}` : `TEXT ${index}`;
      writeFileSync(join(harness.target, `a/${index}`), text);
    }
  }

  const results: ManyResult[] = [];
  const told = {files: 0, bytes: 0, counted: 0};
  const stop = new AbortController();
  const run = (onResult: () => void = () => {}, entries = [folder]) =>
    compareMany(
      entries,
      {
        ...{client: harness.client, folder: harness.target, base: parseRemotePath('')},
        placesOf: ({localPath}) => [{folder: harness.target, localPath}],
        ...{isCopy: () => false, signal: stop.signal},
      },
      {
        found(files, bytes) {
          told.files += files;
          told.bytes += bytes;
        },
        counted() {
          told.counted++;
        },
        result(result) {
          results.push(result);
          onResult();
        },
        unnamed: () => assert.fail(),
        progress: bytes => assert.ok(bytes >= 0),
      },
    );
  return {results, told, run, stop};
}

const verdicts = (results: readonly ManyResult[]) => {
  const counts = {same: 0, differs: 0, absent: 0, failed: 0};
  for (const result of results) {
    counts[result.name === 'compared' ? (result.report.equal ? 'same' : 'differs') : result.name]++;
  }

  return counts;
};

suite('comparing many files', () => {
  test('each file has one result, and all files are counted', async t => {
    const {results, told, run} = await startMany(t, 40, 30);
    await run();
    assert.deepEqual(verdicts(results), {same: 15, differs: 15, absent: 10, failed: 0});
    assert.deepEqual(told, {files: 40, bytes: 10 * 6 + 30 * 7, counted: 1});
  });

  test('a file or folder that is gone fails, and the others continue', async t => {
    const {results, run} = await startMany(t, 4, 4);
    const gone = {...folder, path: parseRemotePath('gone')};
    await run(undefined, [gone, folder]);
    assert.deepEqual(verdicts(results), {same: 2, differs: 2, absent: 0, failed: 1});
    const failed = results.find(({name}) => name === 'failed');
    assert.equal(failed?.path, 'gone');
  });

  test('a stopped comparison reports no more results', async t => {
    const {results, run, stop} = await startMany(t, 60, 60);
    await assert.rejects(
      run(() => stop.abort()),
      {code: 'aborted'},
    );
    assert.ok(results.length < 60);
  });
});

const nothing = {
  ...{found() {}, counted() {}, unnamed() {}, progress() {}},
};

/** A server on which `a` has these files; it answers no question about digests until `answer` is called. */
async function startSilent(t: TestContext, sizes: readonly number[]) {
  const held: Socket[] = [];
  let isLost = false;
  const address = await startHostileServer(t, (socket, {kind}) => {
    if (kind === frameKinds.find) {
      const entries = sizes.map((size, index) => ({
        ...{name: `${index}`, type: 'file' as const, size, mtimeMs: 0},
      }));
      socket.write(encodeAnswer('entries', {entries}));
      socket.write(encodeAnswer('end', {}));
    } else if (kind === frameKinds.ping) {
      socket.write(encodeAnswer('pong', {}));
    } else if (isLost) {
      socket.destroy();
    } else {
      held.push(socket);
    }
  });
  const client = new Client(address, {connections: 20, retries: 0});
  t.after(() => client[Symbol.asyncDispose]());
  const target = temporaryFolder(t);
  mkdirSync(join(target, 'a'));
  for (const index of sizes.keys()) {
    writeFileSync(join(target, `a/${index}`), 'x');
  }

  const results: ManyResult[] = [];
  const compared = compareMany(
    [folder],
    {
      ...{client, folder: target, base: parseRemotePath(''), isCopy: () => false},
      placesOf: ({localPath}) => [{folder: target, localPath}],
      signal: new AbortController().signal,
    },
    {...nothing, result: result => results.push(result)},
  );
  compared.catch(() => undefined);
  /** The server says that it has none of the files that it was asked about so far. */
  const refuse = () => {
    for (const socket of held.splice(0)) {
      socket.write(encodeAnswer('error', {code: 'not_found', message: 'It is gone'}));
    }
  };
  /** The server ends each connection over which it was asked, now and from now on. */
  const lose = () => {
    isLost = true;
    for (const socket of held) {
      socket.destroy();
    }
  };
  /** What was requested before has arrived. */
  const settle = async () => {
    await client.ping();
    await client.ping();
  };
  return {held, results, compared, refuse, lose, settle};
}

suite('of many files', () => {
  test('eight are compared at once, and the next ones as they end', async t => {
    const {held, results, compared, refuse, settle} = await startSilent(
      t,
      Array<number>(20).fill(1),
    );
    await until(() => held.length === 8);
    await settle();
    assert.equal(held.length, 8);
    refuse();
    await until(() => held.length === 8);
    refuse();
    await until(() => held.length === 4);
    refuse();
    await compared;
    assert.deepEqual(
      new Set(results.map(result => result.name === 'failed' && result.reason)),
      new Set(['It is gone']),
    );
    assert.equal(results.length, 20);
  });

  test('no more are compared at once than have 64 MiB, and a larger one alone', async t => {
    const half = 32 * 1_048_576;
    const sizes = [half, half, 1, 3 * half, 1, 1];
    const {held, results, compared, refuse, settle} = await startSilent(t, sizes);
    for (const together of [2, 1, 1, 2]) {
      await until(() => held.length === together);
      await settle();
      assert.equal(held.length, together);
      refuse();
    }

    await compared;
    assert.deepEqual(
      results.map(({bytes}) => bytes).toSorted((one, other) => one - other),
      [...sizes].sort((one, other) => one - other),
    );
  });

  test('the rest is given up when the server is lost, with its error', async t => {
    const {held, results, compared, lose} = await startSilent(t, Array<number>(20).fill(1));
    await until(() => held.length === 8);
    lose();

    await assert.rejects(compared, {code: 'connection_lost'});
    assert.deepEqual(results, []);
  });

  test('those that cannot be saved here and places that were not searched have failed, with their reasons', async t => {
    const address = await startHostileServer(t, socket => {
      const entry = {type: 'file' as const, size: 5, mtimeMs: 0};
      const entries = ['../x', 'a.jangada-part'].map(name => ({name, ...entry}));
      socket.write(encodeAnswer('entries', {entries}));
      const unsearched = {count: 3, first: [{name: 'secret', code: 'forbidden' as const}]};
      socket.write(encodeAnswer('end', {unsearched}));
    });
    await using client = new Client(address);
    const told = {files: 0, bytes: 0, unnamed: 0};
    const failed: Array<[string, string]> = [];
    const target = temporaryFolder(t);
    await compareMany(
      [folder],
      {
        ...{client, folder: target, base: parseRemotePath(''), isCopy: () => false},
        ...{placesOf: () => [], signal: new AbortController().signal},
      },
      {
        ...nothing,
        found(files, bytes) {
          told.files += files;
          told.bytes += bytes;
        },
        unnamed(places) {
          told.unnamed += places;
        },
        result: result =>
          failed.push([result.path, result.name === 'failed' ? result.reason : result.name]),
      },
    );
    assert.deepEqual(
      failed.map(([name]) => name),
      ['../x', 'a.jangada-part', 'a/secret'],
    );
    assert.ok(failed[2]?.[1].endsWith('the server may not read it'));
    assert.deepEqual(told, {files: 3, bytes: 0, unnamed: 2});
  });

  test('the compared bytes of those under way are told, and those of a file with a result are no longer among them', async t => {
    const harness = await startHarness(t);
    mkdirSync(join(harness.target, 'a'), {recursive: true});
    // The copy is half as long.
    harness.serve('a/0', Buffer.alloc(4000));
    writeFileSync(join(harness.target, 'a/0'), Buffer.alloc(2000));
    const told: number[] = [];
    await compareMany(
      [folder],
      {
        ...{client: harness.client, folder: harness.target, base: parseRemotePath('')},
        placesOf: ({localPath}) => [{folder: harness.target, localPath}],
        ...{isCopy: () => false, signal: new AbortController().signal},
      },
      {...nothing, progress: bytes => told.push(bytes), result: () => told.push(-1)},
    );
    assert.equal(Math.max(...told), 4000);
    assert.deepEqual(told.slice(-2), [0, -1]);
  });
});
