import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import {test} from 'node:test';
import fc from 'fast-check';
import {displayName, shortName} from '../../protocol/display-text.ts';
import {nameFromBytes} from '../../protocol/remote-path.ts';

const shown: ReadonlyArray<[what: string, text: string, display: string]> = [
  ['ESC', 'a\x1b[31mb', 'a\\x1b[31mb'],
  ['OSC 52 (the clipboard)', '\x1b]52;c;aGk=\x07', '\\x1b]52;c;aGk=\\x07'],
  ['OSC 8 (a link)', '\x1b]8;;http://x\x1b\\y', '\\x1b]8;;http://x\\x1b\\y'],
  ['CSI in one character', '\u009b2J', '\\x9b2J'],
  ['BEL', '\x07', '\\x07'],
  ['CR and LF', 'a\r\nb', 'a\\x0d\\x0ab'],
  ['a tab', 'a\tb', 'a\\x09b'],
  ['backspace', 'a\bb', 'a\\x08b'],
  ['DEL', '\x7f', '\\x7f'],
  ['NUL', '\0', '\\x00'],
  ['a right-to-left override', 'gpj.\u202eexe', 'gpj.\\u{202e}exe'],
  ['bidi isolates', '\u2066a\u2069', '\\u{2066}a\\u{2069}'],
  ['a right-to-left mark', '\u200f', '\\u{200f}'],
  ['an Arabic letter mark', '\u061c', '\\u{61c}'],
  ['line and paragraph separators', '\u2028\u2029', '\\u{2028}\\u{2029}'],
  ['a zero-width space', 'a\u200bb', 'a\\u{200b}b'],
  ['a byte order mark', '\ufeffa', '\\u{feff}a'],
  ['a soft hyphen', 'a\u00adb', 'a\\xadb'],
  ['a mark with no letter before it', '\u0301a \u0e33|\u0301', '\\u{301}a \\u{e33}|\\u{301}'],
  ['tags', '\u{e0041}', '\\u{e0041}'],
  ['half a surrogate pair', '\ud800', '\\u{d800}'],
  ['a byte that is not UTF-8', 'caf\udce9', 'caf\\xe9'],
  ['byte 0x9b, that is not UTF-8', nameFromBytes(Buffer.from([0x9b, 0x41])), '\\x9bA'],
];

for (const [what, text, display] of shown) {
  test(`${what} is shown as an escape`, () => {
    assert.equal(displayName(text), display);
  });
}

const kept = [
  'barco.jpg',
  'canção com espaço',
  '日本語',
  'אבג',
  '🎸',
  '👩‍👩‍👧',
  'e\u0301',
  'C:\\x',
  '"<>&%',
];

for (const text of kept) {
  test(`'${text}' is shown as it is`, () => {
    assert.equal(displayName(text), text);
  });
}

test('displayed text cannot control a terminal, and displaying it again changes nothing', () => {
  // The expression uses Unicode categories. It is independent of the list in the code.
  const drives = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\p{Bidi_Control}]/u;
  const unit = fc.oneof(
    fc.string({unit: 'binary', maxLength: 4}),
    fc.integer({min: 0, max: 0xffff}).map(code => String.fromCharCode(code)),
    fc.integer({min: 0, max: 0xa0}).map(code => String.fromCharCode(code)),
  );
  fc.assert(
    fc.property(fc.array(unit), parts => {
      const display = displayName(parts.join(''));
      assert.doesNotMatch(display, drives);
      assert.equal(displayName(display), display);
    }),
    {numRuns: 2000},
  );
});

test('a path in a message is safe to show, and is cut in the middle above 300 characters', () => {
  assert.equal(shortName('a\x1b/b'), 'a\\x1b/b');
  assert.equal(shortName('a'.repeat(300)), 'a'.repeat(300));
  assert.equal(
    shortName(`${'a'.repeat(200)}\x1b/${'b'.repeat(200)}`),
    `${'a'.repeat(150)}…${'b'.repeat(149)}`,
  );
  const escapes = shortName('\x1b'.repeat(80));
  assert.deepEqual([escapes.length, escapes.includes('\x1b')], [300, false]);
});
