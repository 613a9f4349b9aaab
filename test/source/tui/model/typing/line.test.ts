import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import {
  edited,
  editOf,
  insertion,
  strokesOf,
  type TypedLine,
} from '../../../../../source/tui/model/typing/line.ts';
import {KeyParser} from '../../../../../source/tui/terminal/key-parser.ts';

function typed(text: string, keys: string): string {
  let line: TypedLine = {text, caret: text.length};
  for (const input of new KeyParser().push(keys)) {
    const edit = input.type === 'key' ? editOf(line, input.key) : undefined;
    line = edit === undefined ? line : edited(line, edit);
  }

  return `${line.text.slice(0, line.caret)}|${line.text.slice(line.caret)}`;
}

suite('the keys of a typed line', () => {
  const cases: ReadonlyArray<[string, string, string, string]> = [
    ['characters go where the caret is', 'ab', '\u001b[Dx', 'ax|b'],
    ['Backspace and Delete', 'abc', '\u001b[D\u007f\u001b[3~', 'a|'],
    ['Home and End', 'bc', '\u001b[Ha\u001b[Fd', 'abcd|'],
    ['Ctrl-A and Ctrl-E', 'bc', '\u0001a\u0005d', 'abcd|'],
    ['Ctrl-U clears the text before the caret', 'abc', '\u001b[D\u0015', '|c'],
    ['Ctrl-K clears the text behind the caret', 'abc', '\u0001\u001b[C\u000b', 'a|'],
    ['Ctrl-W clears a word, and the spaces behind it', 'one two  ', '\u0017', 'one |'],
    ['nothing goes beyond the ends', 'a', '\u001b[C\u0001\u001b[D\u007fb', 'b|a'],
    ['an emoji is one character', 'a👍', '\u007f', 'a|'],
    ['a family is one character', 'a👨‍👩‍👧b', '\u001b[D\u007f', 'a|b'],
    ['a letter with combining marks is one character', 'xe\u0301\u0323', '\u001b[D\u001b[3~', 'x|'],
    ['a flag is one character', '🇧🇷🇵🇹', '\u001b[D', '🇧🇷|🇵🇹'],
    ['a space is a character', 'a', ' b', 'a b|'],
    ['other keys change nothing', 'a', '\u001b[15~\u001b[A\t', 'a|'],
  ];
  for (const [what, before, keys, after] of cases) {
    test(what, () => {
      assert.equal(typed(before, keys), after);
    });
  }

  test('pasted text gives its first line, without control characters', () => {
    const line = {text: 'a', caret: 1};
    assert.equal(edited(line, insertion(line, '\nb\u001b[31m\tc\u009b\nd')).text, 'ab[31mc');
  });

  test('the length of a line is limited', () => {
    const line = {text: 'a'.repeat(65_535), caret: 0};
    assert.equal(insertion(line, 'bcd').insert, 'b');
  });

  test('an edit has as many strokes as a component needs that counts UTF-16 units', () => {
    const line = {text: 'a👍', caret: 3};
    const edit = editOf(line, {name: 'backspace', text: ''});
    assert.deepEqual(edit && strokesOf(edit), ['\u007f', '\u007f']);
    const ahead = editOf({...line, caret: 1}, {name: 'delete', text: ''});
    assert.deepEqual(ahead && strokesOf(ahead), ['\u001b[C', '\u001b[C', '\u007f', '\u007f']);
  });
});
