import assert from 'node:assert/strict';
import {rmSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {FoundMemory} from '../../../../../source/tui/model/finding/found-memory.ts';
import {path, startHarness} from '../../../../fixtures/harness.ts';

const masks = () => ['**/*boat*'];

async function start(t: Parameters<typeof startHarness>[0]) {
  const {client, serve, root} = await startHarness(t);
  for (const name of ['boat', 'deep/old boat', 'other']) {
    serve(name, name);
  }

  let searches = 0;
  let nowMs = 0;
  const counted: Pick<typeof client, 'find'> = {
    find(...question) {
      searches++;
      return client.find(...question);
    },
  };
  const memory = new FoundMemory(counted, () => nowMs);
  const {signal} = new AbortController();
  return {
    root,
    /** The names found, and the number of searches so far. */
    async find(some: readonly string[], folder = '') {
      const names: string[] = [];
      for await (const {entries} of memory.find(path(folder), some, {signal})) {
        names.push(...entries.map(({name}) => name));
      }

      return [names.sort().join(), searches];
    },
    stopEarly: async (some: readonly string[]) => {
      for await (const _ of memory.find(path(''), some, {signal})) {
        break;
      }
    },
    wait(ms: number) {
      nowMs += ms;
    },
  };
}

test('the same words in the same folder give the last results at once, for two minutes', async t => {
  const {find, root, wait} = await start(t);
  assert.deepEqual(await find(masks()), ['boat,deep/old boat', 1]);
  rmSync(join(root, 'boat'));
  assert.deepEqual(await find(masks()), ['boat,deep/old boat', 1]);
  assert.deepEqual(await find(masks(), 'deep'), ['old boat', 2]);
  // Only the last search is kept.
  assert.deepEqual(await find(masks()), ['deep/old boat', 3]);
  wait(119_999);
  assert.deepEqual(await find(masks()), ['deep/old boat', 3]);
  wait(1);
  assert.deepEqual(await find(masks()), ['deep/old boat', 4]);
  assert.deepEqual(await find(['**/other']), ['other', 5]);
});

test('a refreshed search is sent again, even if its results came from memory', async t => {
  const {find, root} = await start(t);
  const first = masks();
  assert.deepEqual(await find(first), ['boat,deep/old boat', 1]);
  assert.deepEqual(await find(first), ['boat,deep/old boat', 2]);
  const second = masks();
  assert.deepEqual(await find(second), ['boat,deep/old boat', 2]);
  rmSync(join(root, 'boat'));
  assert.deepEqual(await find(second), ['deep/old boat', 3]);
});

test('a stopped search is not kept', async t => {
  const {find, stopEarly} = await start(t);
  await stopEarly(masks());
  assert.deepEqual(await find(masks()), ['boat,deep/old boat', 2]);
});
