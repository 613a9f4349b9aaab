import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import fc from 'fast-check';
import {KeyParser, type TerminalInput} from '../../../../source/tui/terminal/key-parser.ts';

const names = (inputs: readonly TerminalInput[]): string[] => inputs.map(nameOf);

function nameOf(input: TerminalInput): string {
  switch (input.type) {
    case 'key':
      return input.key.name;
    case 'paste':
      return `paste:${input.text}`;
    case 'focus':
      return input.isFocused ? 'focused' : 'left';
    case 'answer':
      return `answer:${input.sequence.slice(1)}`;
    case 'mouse': {
      const {action, button, column, row} = input.mouse;
      return `${action} ${button} ${column},${row}`;
    }
    case 'background':
      return input.colour;
  }
}

const read = (text: string): string[] => {
  const parser = new KeyParser();
  return names([...parser.push(text), ...parser.flush()]);
};

suite('keys from a terminal', () => {
  const cases: ReadonlyArray<readonly [string, string, ...string[]]> = [
    ['a letter', 'a', 'a'],
    ['a capital', 'G', 'G'],
    ['a character of two units', '👍', '👍'],
    ['Space', ' ', 'space'],
    ['Enter', '\r', 'enter'],
    ['Tab and Shift-Tab', '\t\u001b[Z', 'tab', 'shift-tab'],
    ['both keys called Backspace', '\u007f\b', 'backspace', 'backspace'],
    ['Ctrl and a letter', '\u0001\u0003\u0004', 'ctrl-a', 'ctrl-c', 'ctrl-d'],
    ['arrows', '\u001b[A\u001b[B\u001b[C\u001b[D', 'up', 'down', 'right', 'left'],
    ['arrows of a keypad', '\u001bOA\u001bOB', 'up', 'down'],
    ['arrows with Ctrl', '\u001b[1;5A', 'ctrl-up'],
    ['Home and End, each way', '\u001b[H\u001b[1~\u001b[F\u001b[4~', 'home', 'home', 'end', 'end'],
    ['pages', '\u001b[5~\u001b[6~', 'pageup', 'pagedown'],
    ['Insert and Delete', '\u001b[2~\u001b[3~', 'insert', 'delete'],
    ['F1, each way', '\u001bOP\u001b[11~\u001b[[A', 'f1', 'f1', 'f1'],
    ['F3 of three kinds of terminals', '\u001bOR\u001b[13~\u001b[R', 'f3', 'f3', 'f3'],
    ['an answer that tells where the cursor is', '\u001b[12;40R'],
    ['F5 and F10', '\u001b[15~\u001b[21~', 'f5', 'f10'],
    ['Escape', '\u001b', 'escape'],
    ['Escape and a letter', '\u001bq', 'escape', 'q'],
    ['Escape and an arrow', '\u001b\u001b[A', 'escape', 'up'],
    ['Ctrl-C as kitty says it', '\u001b[99;5u', 'ctrl-c'],
    ['Escape as kitty says it', '\u001b[27u', 'escape'],
    ['Shift and a letter as kitty says it', '\u001b[103;2u', 'G'],
    ['a key that is held, as kitty says it', '\u001b[106;1:2u', 'j'],
    ['a window that gets and loses the keys', '\u001b[I\u001b[O', 'focused', 'left'],
    [
      'a click, and a button that is let go',
      '\u001b[<0;3;5M\u001b[<0;3;5m',
      'press left 2,4',
      'release left 2,4',
    ],
    [
      'the wheel, each way',
      '\u001b[<64;1;1M\u001b[<65;1;1M',
      'wheelUp none 0,0',
      'wheelDown none 0,0',
    ],
    ['a click far to the right', '\u001b[<2;300;1M', 'press right 299,0'],
    ['a click with Ctrl held', '\u001b[<16;1;2M', 'press left 0,1'],
    ['a mouse that is moved', '\u001b[<32;2;2M', 'drag left 1,1'],
    ['no place on the screen', '\u001b[<0;0;1M\u001b[<0;1;0M\u001b[<0;1M\u001b[<999999;1;1M'],
    ['no numbers', '\u001b[<M\u001b[<;;M\u001b[<a\u001b[<0;1;1;1M\u001b[<-1;1;1M'],
    ['a wheel pushed sideways, and buttons beyond', '\u001b[<66;1;1M\u001b[<128;1;1M'],
    ['a report in the oldest form, and a key', '\u001b[M !!q', 'q'],
    ['a report that ends early', '\u001b[<0;3'],
    ['a report that a key follows before its end', '\u001b[<0;3\u001b[A', 'up'],
    ['a report without end', `\u001b[<${'1'.repeat(40)}`],
    ['the background', '\u001b]11;rgb:ffff/ff/0\u0007a', 'rgb:ffff/ff/0', 'a'],
    ['it with the longer end', '\u001b]11;rgba:0/0/0/f\u001b\\a', 'rgba:0/0/0/f', 'a'],
    ['an answer that keys cut off', '\u001b]11;rgb:ffff/ffffjk', 'j', 'k'],
    ['an answer that another sequence cuts off', '\u001b]11;rgb:ffff/ffff\u001b[A', 'up'],
    ['Escape and a bracket', '\u001b]', 'escape', ']'],
    ['Escape, a bracket and ones', '\u001b]11', 'escape', ']', '1', '1'],
    ['Escape, a bracket and another letter', '\u001b]x', 'escape', ']', 'x'],
    ['the keypad as kitty says it', '\u001b[57401u\u001b[57414u', '2', 'enter'],
  ];
  for (const [what, text, ...expected] of cases) {
    test(`${what}`, () => {
      assert.deepEqual(read(text), expected);
    });
  }

  test('answers of the terminal are not keys, and releases of keys are not keys', () => {
    assert.deepEqual(read('\u001b[?1u\u001b[?62;22c\u001b[106;1:3u\u001b[1;1:3A'), [
      'answer:[?1u',
      'answer:[?62;22c',
    ]);
  });

  test('a report of the mouse is not keys, wherever it is cut and however late its rest arrives', () => {
    const text = '\u001b[<0;12;5M';
    for (let at = 1; at < text.length; at++) {
      const parser = new KeyParser();
      const inputs = [...parser.push(text.slice(0, at)), ...parser.push(`${text.slice(at)}j`)];
      assert.deepEqual(names(inputs), ['press left 11,4', 'j'], `cut at ${at}`);
      const late = new KeyParser();
      const lateInputs = [
        ...late.push(text.slice(0, at)),
        ...late.flush(),
        ...late.push(`${text.slice(at)}j`),
      ];
      // An Escape after which nothing follows in time is a key, even if it was the front of a report.
      const front = at > 2 ? ['press left 11,4'] : at > 1 ? ['escape', '['] : ['escape'];
      assert.deepEqual(names(lateInputs), [...front, 'j'], `late at ${at}`);
    }
  });

  test('a report in three pieces is one report, and an endless report leaves no key', () => {
    const parser = new KeyParser();
    const read = (text: string) => names([...parser.push(text), ...parser.flush()]);
    assert.deepEqual([read('\u001b[<6'), read('5;1'), read(';2Mj')].flat(), [
      'wheelDown none 0,1',
      'j',
    ]);
    assert.deepEqual([read('\u001b[<6'), read('\u001b[A'), read('j')].flat(), ['up', 'j']);
  });

  test('Escape and a bracket that are typed one after the other are keys, and so are the next ones', () => {
    const parser = new KeyParser();
    const read = (text: string) => names([...parser.push(text), ...parser.flush()]);
    assert.deepEqual(['\u001b', '[', '<', '0', 'M'].flatMap(read), ['escape', '[', '<', '0', 'M']);
  });

  test('thirty keys in one read are thirty keys', () => {
    assert.deepEqual(read('j'.repeat(30)), Array(30).fill('j'));
  });

  test('pasted text is one text and not keys, wherever it is cut', () => {
    const text = '\u001b[200~q\r\u001b[A d\u001b[201~j';
    for (let at = 0; at <= text.length; at++) {
      const parser = new KeyParser();
      const inputs = [...parser.push(text.slice(0, at)), ...parser.push(text.slice(at))];
      assert.deepEqual(names(inputs), ['paste:q\r\u001b[A d', 'j'], `cut at ${at}`);
    }
  });

  test('the answer about the background is not a key, wherever it is cut and however late its rest arrives', () => {
    for (const end of ['\u0007', '\u001b\\']) {
      const text = `a\u001b]11;rgb:ffff/ffff/dddd${end}b`;
      for (let at = 0; at <= text.length; at++) {
        const parser = new KeyParser();
        const first = parser.push(text.slice(0, at));
        // The first characters alone could also be typed keys.
        const late = text.slice(0, at).includes('11;') ? parser.flush() : [];
        const inputs = [...first, ...late, ...parser.push(text.slice(at))];
        assert.deepEqual(names(inputs), ['a', 'rgb:ffff/ffff/dddd', 'b'], `cut at ${at}`);
      }
    }
  });

  test('an endless paste is limited', () => {
    const parser = new KeyParser();
    parser.push('\u001b[200~');
    for (let count = 0; count < 100; count++) {
      assert.deepEqual(parser.push('x'.repeat(10_000)), []);
    }

    const [input] = parser.push('\u001b[201~');
    assert.ok(input?.type === 'paste' && input.text.length <= 65_536);
  });

  test('a sequence that is cut anywhere gives the same key', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.constantFrom(
            ...['a', 'é', '\u001b[A', '\u001b[15~', '\u001b[99;5u', '\u001bOP', ' '],
            ...['\u001b[<0;3;5M', '\u001b[<65;120;40M'],
          ),
          {maxLength: 12},
        ),
        fc.nat(),
        (keys, seed) => {
          const text = keys.join('');
          const at = text.length === 0 ? 0 : seed % text.length;
          const parser = new KeyParser();
          assert.deepEqual(
            names([...parser.push(text.slice(0, at)), ...parser.push(text.slice(at))]),
            read(text),
          );
        },
      ),
    );
  });

  test('no input of a terminal throws or is kept without end', () => {
    fc.assert(
      fc.property(fc.string({unit: 'binary'}), text => {
        const parser = new KeyParser();
        parser.push(text);
        parser.flush();
        assert.equal(parser.waiting, false);
      }),
    );
  });
});
