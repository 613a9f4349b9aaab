import assert from 'node:assert/strict';
import {test} from 'node:test';
import {hereColumns} from '../../../../../source/tui/model/files/file-columns.ts';
import {say} from '../../../../../source/tui/text/say.ts';
import {copyWords} from '../../../../../source/tui/view/here/copy-words.ts';
import {hereLine} from '../../../../../source/tui/view/here/here-words.ts';
import {laterLines, laterWord} from '../../../../../source/tui/view/here/verdict-now.ts';
import {lineWidth} from '../../../../../source/tui/view/line/span.ts';
import {ascii, textOf, unicode} from '../lines.ts';

const names = [
  ...(['nothing', 'same', 'differs', 'alike', 'older', 'newer', 'partial', 'queued'] as const),
  ...(['fetching', 'checking', 'finishing', 'paused', 'failed', 'stuck', 'unknown'] as const),
];

test('each state has its own sign and word, which fit the column, also with ASCII signs', () => {
  for (const look of [unicode, ascii]) {
    const lines = names.map(name => hereLine(look.glyphs, {name, percent: undefined}));
    for (const line of lines) {
      assert.equal(lineWidth(line), hereColumns, textOf(line));
    }

    const words = lines.map(textOf).filter(text => text.trim() !== '');
    assert.equal(new Set(words).size, names.length - 2);
    for (const name of names) {
      const line = hereLine(look.glyphs, {name, percent: 100});
      assert.equal(lineWidth(line), hereColumns, textOf(line));
      assert.equal(lineWidth(hereLine(look.glyphs, {name, percent: 100}, 'sign')), 1);
      const tight = hereLine(look.glyphs, {name, percent: 100}, 'tight');
      assert.equal(textOf(tight), textOf(line).trim());
    }
  }

  const says = (name: (typeof names)[number], percent?: number) =>
    textOf(hereLine(unicode.glyphs, {name, percent})).trim();
  assert.equal(says('same'), '✓ same');
  assert.equal(says('alike'), '≈ alike');
  assert.equal(says('older'), '≠ older');
  assert.equal(says('differs'), '✗ differs');
  assert.equal(says('fetching', 57), '↓ 57 %');
  assert.equal(says('paused'), '‖ paused');
});

test('later changes of a file that was fetched or compared are said in words', () => {
  const {sign, words} = copyWords(unicode.glyphs, 'changed');
  assert.equal(`${sign.text} ${textOf(words)}`, '≠ changed   here since it was fetched');
  const text = (state: Parameters<typeof laterLines>[1]) =>
    laterLines(unicode, state, 60, 9).map(textOf).join(' ');
  assert.match(text({name: 'verified', size: 1000}), /^✓ same {2}1 kB Every block was checked/);
  assert.match(text({name: 'outdated', isGone: false}), /changed.*Press v/);
  assert.match(text({name: 'outdated', isGone: true}), /gone.*Press d/);
  const fetching = {name: 'fetching', doneBytes: 1, totalBytes: 4, blocks: undefined} as const;
  assert.match(text(fetching), /^↓ fetching .* 25 %/);
  assert.equal(textOf(laterWord(fetching)), say`fetching 25 %`);
  const states = ['good', 'arriving', 'missing', 'missing'] as const;
  const blocks = {count: 4, at: (index: number) => states[index] ?? 'missing'};
  assert.match(text({...fetching, blocks}), /■ 1 good {2}□ 2 missing {2}▪ 1 on the way {3}■▪□□$/);
});
