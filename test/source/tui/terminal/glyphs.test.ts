import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import {asciiGlyphs} from '../../../../source/tui/terminal/glyphs.ts';
import {chooseTheme} from '../../../../source/tui/terminal/theme.ts';

suite('signs and colours', () => {
  test('ASCII signs are ASCII', () => {
    assert.match(JSON.stringify(asciiGlyphs), /^[\x20-\x7e]*$/);
  });

  test('NO_COLOR leaves no colour', () => {
    assert.ok(Object.values(chooseTheme({})).some(style => style.color !== undefined));
    assert.ok(
      Object.values(chooseTheme({NO_COLOR: '1'})).every(style => style.color === undefined),
    );
    assert.deepEqual(chooseTheme({NO_COLOR: ''}), chooseTheme({}));
  });
});
