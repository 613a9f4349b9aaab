import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import chalk from 'chalk';
import {displayName} from '../../../../../protocol/display-text.ts';
import {chooseTheme, type Tone} from '../../../../../source/tui/terminal/theme.ts';
import {paintLine} from '../../../../../source/tui/view/line/paint.ts';

const line = (...pieces: Array<[text: string, tone: Tone]>) =>
  pieces.map(([text, tone]) => ({text: displayName(text), tone}));

suite('a painted line', () => {
  const environment = {TERM: 'xterm-256color', COLORTERM: 'truecolor', FORCE_COLOR: '3'};
  const {level} = chalk;

  test('each piece has the colour and the weight of its tone', context => {
    context.after(() => {
      chalk.level = level;
    });
    chalk.level = 3;
    const theme = chooseTheme(environment, 'dark');
    assert.equal(
      paintLine(line(['a', 'plain'], ['b', 'good'], ['c', 'accent'], ['d', 'faint']), theme),
      'a\u001b[32mb\u001b[39m\u001b[36m\u001b[1mc\u001b[22m\u001b[39m\u001b[2md\u001b[22m',
    );
  });

  test('the row with the cursor has its background behind every piece', context => {
    context.after(() => {
      chalk.level = level;
    });
    chalk.level = 3;
    const {cursor} = chooseTheme(environment, 'dark');
    assert.equal(
      paintLine(line(['a', 'plain'], ['b', 'good']), cursor),
      '\u001b[97m\u001b[48;5;238ma\u001b[49m\u001b[39m\u001b[38;5;120m\u001b[48;5;238mb\u001b[49m\u001b[39m',
    );
  });

  test('own colours are names, numbers and hexadecimal', context => {
    context.after(() => {
      chalk.level = level;
    });
    chalk.level = 3;
    const colours = {good: '#102030', bad: 7, cursor: 'redBright'} as const;
    const {cursor} = chooseTheme(environment, 'dark', {colours});
    assert.equal(
      paintLine(line(['a', 'good']), cursor),
      '\u001b[38;2;16;32;48m\u001b[101ma\u001b[49m\u001b[39m',
    );
    assert.match(paintLine(line(['a', 'bad']), cursor), /\[38;5;7m/);
  });

  test('without colours a line is only its text', context => {
    context.after(() => {
      chalk.level = level;
    });
    chalk.level = 0;
    assert.equal(paintLine(line(['a', 'bad'], ['b', 'good']), chooseTheme({}, 'dark')), 'ab');
  });
});
