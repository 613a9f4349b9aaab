import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import {parseRemotePath} from '../../../../protocol/remote-path.ts';
import {type ChosenEntry, chosenFiles} from '../../../../source/transfers/download/chosen-files.ts';
import {LocalPlaces} from '../../../../source/transfers/download/local-places.ts';
import {startHarness} from '../../../fixtures/harness.ts';

const chosen = (type: 'file' | 'folder', path: string): ChosenEntry => ({
  ...{type, path: parseRemotePath(path), size: 1, mtimeMs: 0},
});

suite('files that entries stand for', () => {
  test('folders are searched in the order of the choice, and each file says which folder it was chosen in', async t => {
    const harness = await startHarness(t);
    harness.serve('a/b/one.txt', '1');
    harness.serve('a/two.txt', '2');
    const files = [];
    const batches = chosenFiles(
      [chosen('file', 'a/two.txt'), chosen('folder', 'a/b'), chosen('folder', 'gone')],
      {
        ...{client: harness.client, base: parseRemotePath('a')},
        ...{places: new LocalPlaces(harness.target), signal: AbortSignal.timeout(60_000)},
      },
    );
    const unsearched = [];
    for await (const batch of batches) {
      files.push(...batch.files);
      unsearched.push(...batch.unsearched);
    }

    assert.deepEqual(
      files.map(({localPath, chosenIn}) => [localPath, chosenIn]),
      [
        ['two.txt', 'a'],
        ['b/one.txt', 'a'],
      ],
    );
    assert.deepEqual(
      unsearched.map(({remotePath}) => remotePath),
      ['gone'],
    );
  });
});
