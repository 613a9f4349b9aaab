import assert from 'node:assert/strict';
import {test} from 'node:test';
import {hideLineEnds, showLineEnds} from '../../../protocol/masks/mask-line-ends.ts';

for (const [what, name] of [
  ['line ends', 'a\nb\rc\u2028d\u2029'],
  // The second halves of these surrogate pairs have the codes of the stand-ins for line ends.
  ['signs beyond U+FFFF', '\u{1f400}\u{1f401}\u{1f402}\u{1f403}'],
  ['signs beyond U+FFFF beside line ends', '\u{10000}\n\u{1f400}\r'],
  ['bytes that are not UTF-8', 'caf\udce9\n\udc80'],
] as const) {
  test(`a name with ${what} is unchanged after its line ends are hidden and shown again`, () => {
    const hidden = hideLineEnds(name);
    assert.doesNotMatch(hidden, /[\n\r\u2028\u2029]/);
    assert.equal(showLineEnds(hidden), name);
  });
}
