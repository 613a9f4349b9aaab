import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import {MaskJudge} from '../../../../../protocol/masks/mask-judge.ts';
import {prepareMasks} from '../../../../../protocol/masks/masks.ts';
import {findMasks} from '../../../../../source/tui/model/finding/find-masks.ts';

const finds = (text: string, path: string): boolean =>
  new MaskJudge(prepareMasks(findMasks(text))).matches(path, 'file');

suite('searched text', () => {
  for (const [text, found, other] of [
    ['sail', ['sail.txt', 'boats/Mainsail.JPG', 'a/b/c/SAIL'], ['sail/boat.txt', 's-ail']],
    ['Ó', ['naïve/óleo.txt', 'Ó'], ['o']],
    ['a\\b(1)!', ['x/a\\b(1)!.txt'], ['x/ab(1)']],
    [' sl t', ['sail.txt', 'a/SaLt'], ['sat', 'tls']],
    ['boats/sa', ['boats/sail', 'my/BOATS/sand'], ['boats/x/sail']],
    ['*.jpg', ['a.jpg', 'a/b.jpg', 'a/.jpg'], ['a.JPG', 'a.jpg/b']],
    ['boats/*.jpg', ['boats/a.jpg'], ['my/boats/a.jpg', 'boats/x/a.jpg']],
    ['[1080P]', ['Show [1080p]', 'x/[1080p].mkv', '8'], ['1080p', '[1080]']],
    ['{1,2}', ['1', 'a/2', 'a/b{1,2}c'], ['12', 'b1']],
    ['{a,b}?', ['a1', 'x/b2'], ['ab1']],
  ] as const) {
    test(`'${text}' finds ${found.join(', ')} and not ${other.join(', ')}`, () => {
      for (const path of found) {
        assert.ok(finds(text, path), path);
      }

      for (const path of other) {
        assert.ok(!finds(text, path), path);
      }
    });
  }
});
