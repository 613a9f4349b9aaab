import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import {encodeAnswer} from '../../../../protocol/messages.ts';
import {parseRemotePath} from '../../../../protocol/remote-path.ts';
import {Client} from '../../../../source/client/client.ts';
import {type ChosenEntry, chosenFiles} from '../../../../source/transfers/download/chosen-files.ts';
import {LocalPlaces} from '../../../../source/transfers/download/local-places.ts';
import {startHarness} from '../../../fixtures/harness.ts';
import {startHostileServer} from '../../../fixtures/server/hostile-server.ts';

const chosen = (type: 'file' | 'folder', path: string): ChosenEntry => ({
  ...{type, path: parseRemotePath(path), size: 1, mtimeMs: 0},
});

suite('files of chosen entries', () => {
  test('folders are searched in the order of the choice, and each file has the folder in which it was chosen', async t => {
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

  test('a search that ends because its server stops continues over another connection', async t => {
    let connections = 0;
    const entry = (name: string) => ({name, type: 'file' as const, size: 1, mtimeMs: 0});
    const address = await startHostileServer(
      t,
      socket => {
        if (connections === 1) {
          socket.write(encodeAnswer('entries', {entries: [entry('one')]}));
          socket.end(encodeAnswer('error', {code: 'timed_out', message: 'x', leaving: true}));
        } else {
          socket.write(encodeAnswer('entries', {entries: [entry('two'), entry('one')]}));
          socket.write(encodeAnswer('end', {}));
        }
      },
      [],
      () => connections++,
    );
    await using client = new Client(address, {retries: 0});
    const {signal} = new AbortController();
    const places = new LocalPlaces('/somewhere');
    const names: string[] = [];
    const options = {client, base: parseRemotePath(''), places, signal};
    for await (const {files, refused} of chosenFiles([chosen('folder', 'a')], options)) {
      names.push(...files.map(({localPath}) => localPath), ...refused.map(({name}) => name));
    }

    assert.deepEqual(names, ['a/one', 'a/two']);
    assert.equal(connections, 2);
  });
});
