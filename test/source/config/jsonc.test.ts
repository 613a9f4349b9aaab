import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import {parseJsonc} from '../../../source/config/jsonc.ts';

const parsed = (text: string): unknown => {
  const read = parseJsonc(text);
  assert.ok('value' in read, JSON.stringify(read));
  return read.value;
};

suite('JSON with comments', () => {
  test('is read as JSON, without its comments and trailing commas', () => {
    const text =
      '\uFEFF{ // one\n "a": [1, -2.5e3, true, null, "x//y\\n\\u00e9",], /* two\n */ "b": {},\n}\n';
    assert.deepEqual(parsed(text), {a: [1, -2500, true, null, 'x//y\né'], b: {}});
    assert.deepEqual(parsed(' "a" '), 'a');
  });

  test('knows the line of each value, and for a missing value the line of what is around it', () => {
    const read = parseJsonc('{\n "a": {\n  "b": [\n   1,\n   2\n  ]\n }\n}');
    assert.ok('value' in read);
    const {lineOf} = read;
    assert.deepEqual(
      [['a'], ['a', 'b'], ['a', 'b', 1], ['a', 'c'], ['x']].map(path => lineOf(path)),
      [2, 3, 5, 2, 1],
    );
  });

  test('a repeated name is reported, and the last value counts', () => {
    const read = parseJsonc('{"a": 1,\n"a": 2}');
    assert.ok('value' in read);
    assert.deepEqual(read.value, {a: 2});
    assert.deepEqual(read.repeated, [{line: 2, message: '"a" is set twice: remove one of them'}]);
  });

  test('the name __proto__ is a name like any other', () => {
    assert.deepEqual(Object.keys(Object(parsed('{"__proto__": {"x": 1}}'))), ['__proto__']);
  });

  const wrong: ReadonlyArray<readonly [string, number, RegExp]> = [
    ['', 1, /write a value instead of the end of the file/],
    ['{\n"a": 1\n"b": 2}', 2, /a comma or \} is missing before '"'/],
    ['{"a": [1 2]}', 1, /a comma or \] is missing before '2'/],
    ['{\n\n"a" 1}', 3, /a colon is missing after "a"/],
    ['{a: 1}', 1, /write a name in double quotes instead of 'a'/],
    ['{\n"a": dark}', 2, /dark is not a value: for a text, write "dark"/],
    ["{'a': 1}", 1, /a name in double quotes/],
    ['{"a": "x\n"}', 1, /has to end on the same line/],
    ['{"a": "\\q"}', 1, /an unknown escape/],
    ['{"a": 01}', 1, /01 is not a value/],
    ['{"a": 1', 1, /a comma or \} is missing before the end of the file/],
    ['{} x', 1, /unexpected 'x' after the end of the settings/],
    ['{} /* ', 1, /unexpected '\/'/],
    ['['.repeat(100_000), 1, /nested deeper/],
  ];
  for (const [text, line, message] of wrong) {
    test(`${JSON.stringify(text.slice(0, 20))} is invalid, and the message names the place`, () => {
      const read = parseJsonc(text);
      assert.ok('mistake' in read);
      assert.equal(read.mistake.line, line);
      assert.match(read.mistake.message, message);
    });
  }
});
