import assert from 'node:assert/strict';
import type {TestContext} from 'node:test';
import {test} from 'node:test';
import {startHarness} from '../../fixtures/harness.ts';
import {runHere} from './run.ts';
import {treeOf} from './tree-of.ts';

/** Run `mget`. @returns the paths of the saved files. */
async function saved(t: TestContext, names: string[], ...masks: string[]): Promise<string[]> {
  const {serve, server, target} = await startHarness(t);
  for (const name of names) {
    serve(name, name);
  }

  const ran = await runHere(['mget', ...masks, '-o', target, '-s', server.address]);
  assert.equal(ran.stderr, '');
  assert.equal(ran.status, 0);
  return treeOf(target).filter(name => !name.endsWith('/'));
}

const shows = ['Show [1080p]/e1.mkv', 'Show [1080p]/x/e2.mkv', 'Show 1/e1.mkv', 'Show p/e1.mkv'];

test('a folder whose name looks like a mask is fetched by its name, and no other folder is', async t => {
  assert.deepEqual(await saved(t, shows, 'Show [1080p]/**'), shows.slice(0, 2));
});

test('without a folder of that name, the word is a mask', async t => {
  assert.deepEqual(await saved(t, shows.slice(2), 'Show [1080p]/**'), shows.slice(2));
});

test('files whose names have brackets or braces are fetched by their names', async t => {
  const names = ['[]a].txt', '[ab].txt', 'a.txt', 'b.txt', '{a', '{a,b}.txt'];
  const masks = ['[]a].txt', '[ab].txt', '{a,b}.txt', '{a'];
  assert.deepEqual(await saved(t, names, ...masks), ['[]a].txt', '[ab].txt', '{a', '{a,b}.txt']);
});

test('a name is excluded as a name, and not as a mask', async t => {
  const names = ['no [1]/a.txt', 'no 1/b.txt', 'yes.txt'];
  assert.deepEqual(await saved(t, names, '**', '!no [1]'), ['no 1/b.txt', 'yes.txt']);
});

test('a name with * or ? also matches as a mask', async t => {
  const names = ['star*', 'star1', 'what?'];
  assert.deepEqual(await saved(t, names, 'star*', 'what?'), names);
});
