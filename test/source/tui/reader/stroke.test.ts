import assert from 'node:assert/strict';
import {test} from 'node:test';
import {strokes} from '../../../../source/tui/model/typing/line.ts';
import {textAfter} from '../../../../source/tui/reader/stroke.ts';

test('a stroke inserts at the caret, erases before it, or does not change the text', () => {
  const line = {text: 'boat', caret: 2};
  assert.equal(textAfter(line, 'xy'), 'boxyat');
  assert.equal(textAfter(line, strokes.backspace), 'bat');
  assert.equal(textAfter({...line, caret: 0}, strokes.backspace), 'boat');
  assert.equal(textAfter(line, strokes.left), 'boat');
  assert.equal(textAfter(line, strokes.right), 'boat');
});
