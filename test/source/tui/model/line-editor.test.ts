import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import {
  editLine,
  insertText,
  lineEditor,
  lineText,
} from '../../../../source/tui/model/line-editor.ts';
import {KeyParser} from '../../../../source/tui/terminal/key-parser.ts';

function typed(text: string, keys: string): string {
  let line = lineEditor(text);
  for (const input of new KeyParser().push(keys)) {
    if (input.type === 'key') {
      line = editLine(line, input.key) ?? line;
    }
  }

  return lineText(line);
}

suite('a line that is typed', () => {
  const cases: ReadonlyArray<[string, string, string, string]> = [
    ['characters go where the caret is', 'ab', '\u001b[Dx', 'axb'],
    ['Backspace and Delete', 'abc', '\u001b[D\u007f\u001b[3~', 'a'],
    ['Home and End', 'bc', '\u001b[Ha\u001b[Fd', 'abcd'],
    ['Ctrl-U clears what is before', 'abc', '\u001b[D\u0015', 'c'],
    ['Ctrl-W clears a word', 'one two', '\u0017', 'one '],
    ['an emoji is one character', 'a👍', '\u007f', 'a'],
    ['a space is a character', 'a', ' b', 'a b'],
    ['other keys change nothing', 'a', '\u001b[15~\u001b[A', 'a'],
  ];
  for (const [what, before, keys, after] of cases) {
    test(what, () => {
      assert.equal(typed(before, keys), after);
    });
  }

  test('of pasted text it takes the first line, without control characters', () => {
    assert.equal(lineText(insertText(lineEditor('a'), 'b\u001b[31mc\nd')), 'ab[31mc');
  });
});
