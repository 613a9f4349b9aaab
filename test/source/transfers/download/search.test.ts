import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import {isJangadaError, JangadaError} from '../../../../protocol/errors.ts';
import type {Entry, EntryType} from '../../../../protocol/messages.ts';
import {parseRemotePath} from '../../../../protocol/remote-path.ts';
import {ServerLeaving} from '../../../../source/client/connection/server-leaving.ts';
import {
  type FoundEntry,
  type RefusedName,
  type SearchOptions,
  search,
} from '../../../../source/transfers/download/search.ts';

const entry = (name: string, type: EntryType = 'file'): Entry => ({
  name,
  type,
  size: 1,
  mtimeMs: 5,
});

/** All results of a search. Each of `answers` is one answer of the server; `lost` and `good-bye` end it early. */
async function found(
  answers: (Entry | 'lost' | 'good-bye')[][],
  options: Partial<SearchOptions> = {},
) {
  const left = [...answers];
  const client = {
    async *find() {
      for (const one of left.shift() ?? []) {
        if (one === 'lost') {
          throw new JangadaError('connection_lost', 'gone');
        }

        if (one === 'good-bye') {
          throw new ServerLeaving();
        }

        yield [one];
      }
    },
  };
  const entries: FoundEntry[] = [];
  const refused: RefusedName[] = [];
  const {signal} = new AbortController();
  const wanted = {masks: ['**'], path: parseRemotePath(''), signal, ...options};
  for await (const batch of search(client, wanted)) {
    entries.push(...batch.entries);
    refused.push(...batch.refused);
  }

  return {
    names: entries.map(({name}) => name),
    paths: entries.map(({remotePath}) => remotePath),
    refused: refused.map(({name}) => name),
    reasons: refused.map(({reason}) => reason.replace(/^the server named it,? ?/, '')),
  };
}

suite('names that a search found', () => {
  test('are paths under the searched folder', async () => {
    const {names, paths} = await found([[entry('a'), entry('b/c')]], {
      path: parseRemotePath('x/y'),
    });
    assert.deepEqual(names, ['a', 'b/c']);
    assert.deepEqual(paths, ['x/y/a', 'x/y/b/c']);
  });

  test('are refused if they lead elsewhere, come twice, or are names of partial files', async () => {
    const bad = ['../x', '/etc/passwd', '', 'a//b', './c', 'a/../../d', 'ok'];
    const partials = ['y.jangada-part', 'z.jangada-part/in'];
    const answer = ['ok', ...bad, ...partials].map(name => entry(name));
    const {names, refused, reasons} = await found([answer]);
    assert.deepEqual(names, ['ok']);
    assert.deepEqual(refused, [...bad, ...partials]);
    assert.deepEqual(reasons, [
      ...Array.from({length: 6}, () => 'but it is no file under the root'),
      'twice',
      ...Array.from({length: 2}, () => 'but it has the name of a partial'),
    ]);
  });

  test('are refused if no mask includes them, or a mask excludes them', async () => {
    const answer = ['a.jpg', 'a.png', 'x/a.jpg', 'raw/a.jpg'].map(name => entry(name));
    const {names, refused, reasons} = await found([answer], {masks: ['**/*.jpg', '!raw']});
    assert.deepEqual(names, ['a.jpg', 'x/a.jpg']);
    assert.deepEqual(refused, ['a.png', 'raw/a.jpg']);
    assert.deepEqual(new Set(reasons), new Set(['but it matches no mask']));
  });

  test('are names of folders only if folders are wanted', async () => {
    const answer = [entry('a', 'folder'), entry('b', 'other')];
    assert.deepEqual((await found([answer])).refused, ['a', 'b']);
    const {names, refused, reasons} = await found([answer], {folders: true, masks: ['*/']});
    assert.deepEqual(names, ['a']);
    assert.deepEqual(refused, ['b']);
    assert.deepEqual(reasons, ['but it is no file or folder under the root']);
  });
});

suite('a search whose connection is lost', () => {
  const [a, b, c] = ['a', 'b', 'c'].map(name => entry(name)) as [Entry, Entry, Entry];

  test('begins again, and reports every name once, refused names too', async () => {
    const bad = entry('../x');
    const answers = [
      [a, bad, 'lost'],
      [bad, b, 'lost'],
      [a, b, c, c],
    ] as const;
    const {names, refused} = await found(
      answers.map(answer => [...answer]),
      {retries: 1},
    );
    assert.deepEqual(names, ['a', 'b', 'c']);
    assert.deepEqual(refused, ['../x', 'c']);
  });

  test('fails after as many attempts without a new name as it may retry', async () => {
    const answers = [[a, 'lost'], [a, 'lost'], ['lost'], [a, b]] as const;
    await assert.rejects(
      found(
        answers.map(answer => [...answer]),
        {retries: 2},
      ),
      error => isJangadaError(error, 'connection_lost'),
    );
    await assert.rejects(found([[a, 'lost'], [b]]), error =>
      isJangadaError(error, 'connection_lost'),
    );
  });
});

suite('a search that ends because the server stops', () => {
  const [a, b, c] = ['a', 'b', 'c'].map(name => entry(name)) as [Entry, Entry, Entry];

  test('begins again without using a retry, and reports every name once', async () => {
    const {names, refused} = await found([
      [a, 'good-bye'],
      [a, b, 'good-bye'],
      [b, a, c, c],
    ]);
    assert.deepEqual(names, ['a', 'b', 'c']);
    assert.deepEqual(refused, ['c']);
  });

  test('uses none of the retries for lost connections', async () => {
    const {names} = await found([['lost'], ['good-bye'], [a, 'good-bye'], [a, b]], {retries: 1});
    assert.deepEqual(names, ['a', 'b']);
  });

  test('is given up after eight good-byes, even if each answer had a new name', async () => {
    const answers = Array.from({length: 9}, (_, index) => [entry(`${index}`), 'good-bye' as const]);
    await assert.rejects(found([...answers, [a]]), error => error instanceof ServerLeaving);
    assert.equal((await found([...answers.slice(0, 8), [a]])).names.length, 9);
  });
});

test('a bad mask is refused before a request is sent', async () => {
  await assert.rejects(found([], {masks: ['{a']}), error => isJangadaError(error, 'bad_mask'));
});

test('names that are slow to match by design end the search, and do not block the client', async () => {
  const answer = Array.from({length: 1000}, (_, index) => entry(`${'a'.repeat(240)}${index}`));
  await assert.rejects(found([answer], {masks: ['*a*a*a*.jpg']}), error =>
    isJangadaError(error, 'bad_mask'),
  );
});
