import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import {asciiGlyphs, unicodeGlyphs} from '../../../../source/tui/terminal/glyphs.ts';

suite('signs', () => {
  test('ASCII signs are ASCII', () => {
    assert.match(JSON.stringify(asciiGlyphs), /^[\x20-\x7e]*$/);
  });

  test('the others are in the font that most terminals have', () => {
    // DejaVu Sans Mono has all of these characters, apart from letters.
    const known =
      /^[\x20-\x7e\u00b7\u2013\u2016\u2026\u2190-\u2199\u21bb\u2212\u2219\u2248\u2260\u2500-\u25ff\u2713\u2717]*$/;
    assert.match(JSON.stringify(unicodeGlyphs), known);
  });
});
