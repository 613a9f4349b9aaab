import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import {chooseTheme, dimmed, type Theme} from '../../../../source/tui/terminal/theme.ts';

const rich = {TERM: 'xterm-256color'};

function coloursOf({tones, cursor}: Theme): string[] {
  const styles = [...Object.values(tones), ...Object.values(cursor.tones)];
  return [cursor.background, ...styles.map(({color}) => color)].filter(
    color => color !== undefined,
  );
}

suite('colours', () => {
  test('NO_COLOR and a terminal without colours leave no colour, whatever the theme is', () => {
    assert.notDeepEqual(coloursOf(chooseTheme(rich)), []);
    const bareOnes = [
      {NO_COLOR: '1'},
      {NO_COLOR: '1', FORCE_COLOR: '3'},
      {FORCE_COLOR: '0'},
      {FORCE_COLOR: 'false'},
      {TERM: 'dumb'},
    ];
    for (const bare of bareOnes) {
      assert.deepEqual(coloursOf(chooseTheme({...rich, ...bare})), []);
      assert.deepEqual(coloursOf(chooseTheme({...rich, ...bare}, 'light')), []);
    }

    assert.deepEqual(chooseTheme({...rich, NO_COLOR: ''}), chooseTheme(rich));
  });

  test('every theme distinguishes the row with the cursor', () => {
    for (const name of ['auto', 'dark', 'light', 'high-contrast', 'mono'] as const) {
      for (const environment of [rich, {TERM: 'linux'}]) {
        const {cursor, tones} = chooseTheme(environment, name);
        assert.notDeepEqual(cursor.tones, tones, name);
        assert.equal(cursor.background === undefined, name === 'mono', name);
      }
    }
  });

  test('text under the cursor never has the colour of its background, or an unknown colour', () => {
    for (const name of ['auto', 'dark', 'high-contrast'] as const) {
      for (const environment of [rich, {TERM: 'linux'}]) {
        const {cursor} = chooseTheme(environment, name);
        for (const {color} of Object.values(cursor.tones)) {
          assert.notEqual(color, undefined);
          assert.notEqual(color, cursor.background);
        }
      }
    }
  });

  test('the theme follows the background of the terminal, unless the user chooses another theme', () => {
    assert.deepEqual(chooseTheme({...rich, COLORFGBG: '0;15'}), chooseTheme(rich, 'light'));
    assert.deepEqual(chooseTheme({...rich, COLORFGBG: '15;default;0'}), chooseTheme(rich, 'dark'));
    assert.deepEqual(chooseTheme({...rich, COLORFGBG: 'nonsense'}), chooseTheme(rich, 'auto'));
    assert.deepEqual(chooseTheme({...rich, COLORFGBG: '0;15'}, 'dark'), chooseTheme(rich, 'dark'));
  });

  test('in a terminal with sixteen colours only these are used', () => {
    for (const name of ['auto', 'dark', 'light', 'high-contrast'] as const) {
      assert.doesNotMatch(coloursOf(chooseTheme({TERM: 'linux'}, name)).join(' '), /[#(]/);
    }
  });

  test('FORCE_COLOR decides how many colours are used, whatever the terminal is called', () => {
    const named = chooseTheme(rich);
    assert.deepEqual(chooseTheme({...rich, FORCE_COLOR: '1'}), chooseTheme({TERM: 'linux'}));
    for (const asked of ['', 'true', '2', '3', 'no number']) {
      assert.deepEqual(chooseTheme({...rich, FORCE_COLOR: asked}), named, asked);
    }

    assert.deepEqual(chooseTheme({TERM: 'linux', FORCE_COLOR: '2'}), named);
  });

  test('the answer of the terminal about its background counts more than the variable', () => {
    const environment = {...rich, COLORFGBG: '0;15'};
    assert.deepEqual(chooseTheme(environment, 'auto', {light: false}), chooseTheme(rich, 'dark'));
    assert.deepEqual(chooseTheme(rich, 'auto', {light: true}), chooseTheme(rich, 'light'));
    assert.deepEqual(chooseTheme(rich, 'dark', {light: true}), chooseTheme(rich, 'dark'));
  });

  test('own colours replace those of the theme, but not on a background of the theme', () => {
    const dark = chooseTheme(rich, 'dark');
    const own = chooseTheme(rich, 'dark', {colours: {good: '#00ff00', bad: 208}});
    assert.deepEqual(own.tones.good, {color: '#00ff00'});
    assert.deepEqual(own.tones.bad, {color: 'ansi256(208)', bold: true});
    assert.deepEqual(own.tones.plain, dark.tones.plain);
    assert.deepEqual(own.cursor, dark.cursor);
    const all = chooseTheme(rich, 'dark', {colours: {good: 'red', cursor: 'blue'}});
    assert.equal(all.cursor.background, 'blue');
    assert.deepEqual(all.cursor.tones.good, {color: 'red'});
    assert.deepEqual(coloursOf(chooseTheme(rich, 'mono', {colours: {good: 'red'}})), []);
  });

  test('the row with the cursor has the highest contrast on either background', () => {
    for (const [light, background, color] of [
      [true, 'black', 'whiteBright'],
      [false, 'whiteBright', 'black'],
    ] as const) {
      const {cursor} = chooseTheme(rich, 'high-contrast', {light});
      assert.equal(cursor.background, background);
      assert.ok(Object.values(cursor.tones).every(style => style.color === color));
    }
  });

  test('behind a dialog the high contrast stays', () => {
    const stark = chooseTheme(rich, 'high-contrast');
    assert.deepEqual(dimmed(stark), stark);
  });

  test('behind a dialog nothing has a colour', () => {
    assert.deepEqual(coloursOf(dimmed(chooseTheme(rich))), []);
  });
});
