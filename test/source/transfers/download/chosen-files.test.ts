import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import {JangadaError} from '../../../../protocol/errors.ts';
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

/** All files and refused names of `entries`, of a client whose folders have these names. */
async function filesOf(
  entries: readonly ChosenEntry[],
  found: Readonly<Record<string, readonly string[] | Error>>,
  options: {base?: string; mostNames?: number} = {},
) {
  const asked: unknown[] = [];
  const client = {
    stat: () => assert.fail('not asked'),
    async *find(masks: readonly string[], {path}: {path?: string} = {}) {
      asked.push([path, masks]);
      const names = found[path ?? ''] ?? [];
      if (names instanceof Error) {
        throw names;
      }

      yield names.map(name => ({name, type: 'file' as const, size: 3, mtimeMs: 4}));
    },
  };
  const batches = chosenFiles(entries, {
    ...{client, base: parseRemotePath(options.base ?? ''), mostNames: options.mostNames},
    places: new LocalPlaces('/somewhere', () => false),
    signal: new AbortController().signal,
  });
  const all = {files: [] as string[], refused: [] as string[], unsearched: [] as string[]};
  for await (const batch of batches) {
    all.files.push(...batch.files.map(({localPath, chosenIn}) => `${localPath} in ${chosenIn}`));
    all.refused.push(...batch.refused.map(({name, code, reason}) => `${name} ${code} ${reason}`));
    all.unsearched.push(
      ...batch.unsearched.map(({remotePath, reason}) => `${remotePath} ${reason}`),
    );
  }

  return {...all, asked};
}

suite('files of a choice', () => {
  test('come once, also those that are chosen and in a chosen folder, in the order of the choice', async () => {
    const entries = [
      chosen('file', 'd/two'),
      chosen('file', 'one'),
      chosen('folder', 'd'),
      chosen('file', 'three'),
      chosen('file', 'one'),
    ];
    const {files, asked} = await filesOf(entries, {d: ['two', 'four']});
    assert.deepEqual(files, ['d/two in d', 'one in ', 'd/four in ', 'three in ']);
    assert.deepEqual(asked, [['d', ['**']]]);
  });

  test('of a folder are those that match its masks', async () => {
    const {asked} = await filesOf([{...chosen('folder', 'd'), masks: ['*.jpg']}], {});
    assert.deepEqual(asked, [['d', ['*.jpg']]]);
  });

  test('have their local paths below the base, and whole ones outside of it', async () => {
    const entries = ['base/in/a', 'base', 'basement/b', 'other/c'].map(path =>
      chosen('file', path),
    );
    const {files} = await filesOf(entries, {}, {base: 'base'});
    assert.deepEqual(
      files.map(text => text.split(' ')[0]),
      ['in/a', 'base', 'basement/b', 'other/c'],
    );
  });

  test('are refused if they are partials or have the place of another one, and the others are not', async () => {
    const entries = ['a.jangada-part', 'base/a', 'a', 'b'].map(path => chosen('file', path));
    const {files, refused} = await filesOf(entries, {}, {base: 'base'});
    assert.deepEqual(files, ['a in base', 'b in ']);
    assert.deepEqual(refused, [
      'a.jangada-part protocol it has the name of a partial',
      'a exists another file is saved under the same name',
    ]);
  });

  test('are at most so many, each counted once, and with more the error says what to do', async () => {
    const names = ['d/1', 'd/2', 'd/1'].map(path => chosen('file', path));
    const entries = [...names, chosen('folder', 'd')];
    const {files} = await filesOf(entries, {d: ['1', '2', '3']}, {mostNames: 3});
    assert.equal(files.length, 3);
    await assert.rejects(filesOf(entries, {d: ['1', '2', '3', '4']}, {mostNames: 3}), {
      code: 'too_large',
      message: /more than 3 files: select fewer at once/,
    });
  });

  for (const [code, isEnd] of [
    ['forbidden', false],
    ['not_found', false],
    ['not_a_folder', false],
    ['internal', false],
    ['connection_lost', true],
    ['bad_mask', true],
    ['aborted', true],
  ] as const) {
    test(`${isEnd ? 'end' : 'go on'} with an error ${code} of one folder`, async () => {
      const entries = [chosen('folder', 'bad'), chosen('folder', 'good')];
      const found = filesOf(entries, {bad: new JangadaError(code, 'x'), good: ['a']});
      if (isEnd) {
        await assert.rejects(found, {code});
      } else {
        const {files, unsearched} = await found;
        assert.deepEqual([files, unsearched], [['good/a in '], ['bad x']]);
      }
    });
  }
});
