import assert from 'node:assert/strict';
import {mkdirSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {test} from 'node:test';
import {isJangadaError} from '../../../../../protocol/errors.ts';
import {MaskJudge} from '../../../../../protocol/masks/mask-judge.ts';
import {prepareMasks} from '../../../../../protocol/masks/masks.ts';
import {isRemotePath, parentOf, parseRemotePath} from '../../../../../protocol/remote-path.ts';
import {ServedFolder} from '../../../../fixtures/server/server-folder.ts';
import {entriesIn, kinds} from '../../../../fixtures/server/server-raw-peer.ts';

/** The characters of names and masks. */
const signs = [
  'a',
  'b',
  '[',
  ']',
  '!',
  '^',
  '-',
  '{',
  '}',
  ',',
  '.',
  ' ',
  '\\',
  '*',
  '?',
  '(',
  '"',
];
const globs = [
  ...['**', '*', '*', '?', '[ab]', '[!a]', '[]a]', '[!]a]', '[^a]', '[a-c]', '[[]', '[]]'],
  ...['{a,b}', '{a,{b,[}}', '\\[', '\\]', '\\{', '\\*', '\\\\', '[\\]]', '[!-+]', '[*?]', '+(a)'],
];

/** Pseudo-random numbers below `n`, the same in each run. */
function numbers(seed: number): (n: number) => number {
  let state = seed;
  return n => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) | 0;
    return (state >>> 8) % n;
  };
}

test('a search agrees with the mask judge, whatever characters are in masks and names', async () => {
  const below = numbers(4);
  const pick = (list: readonly string[]) => list[below(list.length)] ?? '';
  const made = (least: number, most: number, part: () => string, glue: string) =>
    Array.from({length: least + below(most - least + 1)}, part).join(glue);
  await using folder = await ServedFolder.start();
  const files = new Set<string>();
  const folders = new Set<string>();
  while (files.size < 150) {
    const name = made(1, 3, () => `${made(1, 4, () => pick(signs), '')}${pick(signs)}`, '/');
    const above = name.split('/').map((_, at, parts) => parts.slice(0, at).join('/'));
    if (!folders.has(name) && !above.some(path => files.has(path)) && isRemotePath(name)) {
      mkdirSync(join(folder.path, dirname(name)), {recursive: true});
      writeFileSync(join(folder.path, name), '');
      files.add(name);
      for (let path = parentOf(parseRemotePath(name)); path !== ''; path = parentOf(path)) {
        folders.add(path);
      }
    }
  }

  const peer = await folder.peer();
  const parts = [...files].flatMap(name => name.split('/'));
  const part = () =>
    below(4) === 0 ? pick(parts) : made(1, 4, () => pick([...signs, ...globs]), '');
  let searched = 0;
  while (searched < 80) {
    const exclude = () => (below(4) === 0 ? '!' : '');
    const masks = Array.from({length: 1 + below(3)}, () => exclude() + made(1, 3, part, '/'));
    const judge = judgeOf(masks);
    if (judge !== undefined) {
      searched++;
      const frames = await peer.ask(kinds.find, {path: '', masks, folders: true});
      assert.equal(frames.at(-1)?.kind, kinds.end, JSON.stringify(masks));
      const expected = [
        ...[...files].filter(name => judge.matches(name, 'file')),
        ...[...folders].filter(name => judge.matches(name, 'folder')),
      ];
      const found = entriesIn(frames).map(({name}) => name);
      assert.deepEqual(found.sort(), expected.sort(), JSON.stringify(masks));
    }
  }
});

/** Undefined if a mask is bad. */
function judgeOf(masks: readonly string[]): MaskJudge | undefined {
  try {
    return new MaskJudge(prepareMasks(masks));
  } catch (error) {
    if (isJangadaError(error, 'bad_mask')) {
      return undefined;
    }

    throw error;
  }
}
