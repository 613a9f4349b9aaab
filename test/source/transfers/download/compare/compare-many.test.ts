import assert from 'node:assert/strict';
import {mkdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {suite, test} from 'node:test';
import {parseRemotePath} from '../../../../../protocol/remote-path.ts';
import type {ChosenEntry} from '../../../../../source/transfers/download/chosen-files.ts';
import {
  compareMany,
  type ManyResult,
} from '../../../../../source/transfers/download/compare/compare-many.ts';
import {startHarness} from '../../../../fixtures/harness.ts';

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
