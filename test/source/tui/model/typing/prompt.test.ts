import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import fc from 'fast-check';
import {edited, editOf} from '../../../../../source/tui/model/typing/line.ts';
import {KeyParser} from '../../../../../source/tui/terminal/key-parser.ts';
import {openApp} from '../open-app.ts';

const left = '\u001b[D';

suite('a typed line and the component that edits it', () => {
  test('none of many keys in one read is lost, wherever the caret is', async t => {
    const screen = await openApp(t, {a: ''});
    const text = () => screen.app.view().prompt?.text;
    screen.type('/');
    screen.type(`ab${left}${left}X`);
    assert.equal(text(), 'Xab');
    screen.type('\u0005\u007f\u007f\u007f');
    assert.equal(text(), '');
    const many = Array.from({length: 200}, (_, index) => String.fromCodePoint(0x61 + (index % 26)));
    screen.type(many.join(''));
    assert.equal(text(), many.join(''));
    assert.equal(screen.app.view().files.options.filter, many.join(''));
    screen.type('\u0015');
    assert.equal(text(), '');
  });

  test('a character is erased as a whole, however many units it has', async t => {
    const screen = await openApp(t, {a: ''});
    screen.type('/');
    screen.app.paste('é👨‍👩‍👧x\u0323\u0301👍');
    for (const rest of ['é👨‍👩‍👧x\u0323\u0301', 'é👨‍👩‍👧', 'é', '']) {
      screen.type('\u007f');
      assert.equal(screen.app.view().prompt?.text, rest);
      assert.equal(screen.app.view().files.options.filter, rest);
    }
  });

  test('a paste of 10,000 characters is kept, and the line still takes keys at both ends', async t => {
    const screen = await openApp(t, {a: ''});
    const pasted = 'jangada 👍 '.repeat(1000).slice(0, 10_000);
    screen.type('/');
    screen.app.paste(`${pasted}\nand more`);
    assert.equal(screen.app.view().prompt?.text, pasted);
    screen.type('\u0001a\u0005b');
    assert.equal(screen.app.view().prompt?.text, `a${pasted}b`);
    screen.type(`${left}\u0015`);
    assert.equal(screen.app.view().prompt?.text, 'b');
    assert.equal(screen.app.view().prompt?.caret, 0);
    screen.type('c');
    assert.equal(screen.app.view().prompt?.text, 'cb');
  });

  test('the component treats keys as the model says', async t => {
    const screen = await openApp(t, {a: ''});
    const keys = fc.constantFrom(
      ...['a', ' ', 'é', '👍', '\u0301', left, '\u001b[C', '\u007f', '\u001b[3~'],
      ...['\u0001', '\u0005', '\u0015', '\u0017', '\u000b'],
    );
    screen.type('/');
    fc.assert(
      fc.property(fc.array(keys, {maxLength: 30}), typed => {
        screen.type('\u0005\u0015');
        let line = {text: '', caret: 0};
        for (const input of new KeyParser().push(typed.join(''))) {
          const edit = input.type === 'key' ? editOf(line, input.key) : undefined;
          line = edit === undefined ? line : edited(line, edit);
        }

        screen.type(typed.join(''));
        const {text, caret} = screen.app.view().prompt ?? {};
        assert.deepEqual({text, caret}, line);
      }),
    );
  });
});
