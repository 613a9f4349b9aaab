import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {test} from 'node:test';
import {namesFirst} from '../../../protocol/masks/literal-masks.ts';
import {MaskJudge} from '../../../protocol/masks/mask-judge.ts';
import {prepareMasks} from '../../../protocol/masks/masks.ts';
import {pathFromWire} from '../../../protocol/remote-path.ts';
import {maskVectorsSchema} from './mask-vectors.ts';

const file = new URL('../../../docs/protocol-vectors.json', import.meta.url);
const vectors = maskVectorsSchema.parse(JSON.parse(readFileSync(file, 'utf8')).masks);

test('a name that exists is a mask for itself alone, whatever characters it has', async () => {
  const names = vectors.names.map(pathFromWire).map(name => name.replace(/\/$/, ''));
  // A leading `!`, `*` and `?` are always special, even if a name contains them.
  for (const name of names.filter(name => !/^!|[*?]/.test(name))) {
    const masks = await namesFirst([name], async path => names.includes(path));
    const judge = new MaskJudge(prepareMasks(masks));
    assert.deepEqual(
      names.filter(other => judge.matches(other, 'file')),
      [name],
    );
  }
});

test('a mask without brackets, braces and backslashes before its first `*` causes no look-up of a name', async () => {
  const masks = ['**', '*.jpg', 'a/b', '!a', '**/*.{jpg,png}', '*[1]/**', 'a/*/{b,c}', ''];
  const asked: string[] = [];
  const exists = async (path: string) => {
    asked.push(path);
    return true;
  };
  assert.deepEqual(await namesFirst(masks, exists), masks);
  assert.deepEqual(asked, []);
});

test('the longest path that may be a name is looked up first, and the look-ups end at the first match', async () => {
  const asked: string[] = [];
  const exists = async (path: string) => {
    asked.push(path);
    return path === 'a [1]/b';
  };
  assert.deepEqual(await namesFirst(['a [1]/b/[c]/*'], exists), ['a \\[1\\]/b/[c]/*']);
  assert.deepEqual(asked, ['a [1]/b/[c]', 'a [1]/b']);
});
