import assert from 'node:assert/strict';
import {test} from 'node:test';
import {displayName} from '../../../../protocol/display-text.ts';
import {
  allowed,
  copySequence,
  noticeSequence,
  type OutsideSigns,
  progressSequence,
  signsOf,
  titleSequence,
} from '../../../../source/tui/terminal/outside.ts';

const xterm = {TERM: 'xterm-256color'};
const cases: ReadonlyArray<readonly [string, Record<string, string>, OutsideSigns]> = [
  [
    'an unknown terminal',
    xterm,
    {title: true, progress: false, notice: 'bell', mouse: true, focus: true, clipboard: 'osc52'},
  ],
  [
    'kitty',
    {TERM: 'xterm-kitty', KITTY_WINDOW_ID: '1'},
    {title: true, progress: false, notice: 'osc99', mouse: true, focus: true, clipboard: 'osc52'},
  ],
  [
    'WezTerm',
    {...xterm, TERM_PROGRAM: 'WezTerm'},
    {title: true, progress: true, notice: 'osc9', mouse: true, focus: true, clipboard: 'osc52'},
  ],
  [
    'iTerm',
    {...xterm, TERM_PROGRAM: 'iTerm.app'},
    {title: true, progress: false, notice: 'osc9', mouse: true, focus: true, clipboard: 'osc52'},
  ],
  [
    'an old VTE',
    {...xterm, VTE_VERSION: '7200'},
    {title: true, progress: false, notice: 'osc777', mouse: true, focus: true, clipboard: 'osc52'},
  ],
  [
    'a new VTE',
    {...xterm, VTE_VERSION: '7900'},
    {title: true, progress: true, notice: 'osc777', mouse: true, focus: true, clipboard: 'osc52'},
  ],
  [
    'Windows Terminal',
    {...xterm, WT_SESSION: 'x'},
    {title: true, progress: true, notice: 'bell', mouse: true, focus: true, clipboard: 'osc52'},
  ],
  [
    'tmux inside WezTerm',
    {TERM: 'tmux-256color', TMUX: '/x', TERM_PROGRAM: 'WezTerm'},
    {title: true, progress: false, notice: 'bell', mouse: true, focus: true, clipboard: 'tmux'},
  ],
  [
    'screen',
    {TERM: 'screen-256color'},
    {title: true, progress: false, notice: 'bell', mouse: true, focus: true, clipboard: 'none'},
  ],
  [
    'a bare console',
    {TERM: 'linux'},
    {title: false, progress: false, notice: 'none', mouse: false, focus: false, clipboard: 'none'},
  ],
  [
    'a terminal without a name',
    {},
    {title: false, progress: false, notice: 'none', mouse: false, focus: false, clipboard: 'none'},
  ],
  [
    'Windows Terminal as it is started there',
    {WT_SESSION: 'x'},
    {title: true, progress: true, notice: 'bell', mouse: true, focus: true, clipboard: 'osc52'},
  ],
  [
    'the console of Linux under a program of another window',
    {TERM: 'linux', VTE_VERSION: '7900', TERM_PROGRAM: 'ghostty'},
    {title: false, progress: false, notice: 'none', mouse: false, focus: false, clipboard: 'none'},
  ],
  [
    'a dumb terminal',
    {TERM: 'dumb'},
    {title: false, progress: false, notice: 'none', mouse: false, focus: false, clipboard: 'none'},
  ],
];

for (const [name, environment, signs] of cases) {
  test(`signs outside the screen of ${name}`, () => {
    assert.deepEqual(signsOf(environment), signs);
  });
}

test('signs that the user does not want are left out', () => {
  const all = {
    title: true,
    progress: true,
    desktop: true,
    bell: true,
    clipboard: true,
    mouse: true,
  };
  const signs = {
    title: true,
    progress: true,
    mouse: true,
    focus: true,
    clipboard: 'tmux',
    notice: 'osc9',
  } as const;
  assert.deepEqual(allowed(signs, all), signs);
  assert.deepEqual(allowed(signs, {...all, title: false, progress: false, mouse: false}), {
    title: false,
    progress: false,
    mouse: false,
    focus: true,
    clipboard: 'tmux',
    notice: 'osc9',
  });
  assert.equal(allowed(signs, {...all, clipboard: false}).clipboard, 'none');
  assert.equal(allowed(signs, {...all, bell: false}).notice, 'osc9');
  assert.equal(allowed(signs, {...all, desktop: false}).notice, 'bell');
  assert.equal(allowed(signs, {...all, desktop: false, bell: false}).notice, 'none');
  assert.equal(allowed({...signs, notice: 'bell'}, {...all, bell: false}).notice, 'none');
  assert.equal(allowed({...signs, notice: 'none'}, {...all, desktop: false}).notice, 'none');
});

test('a hostile name neither ends nor begins a sequence', () => {
  const name = displayName('a\u001b]0;x\u0007\u009c;b');
  for (const form of ['osc9', 'osc99', 'osc777'] as const) {
    const sequence = noticeSequence(form, name);
    // The Escape at the front of the sequence, and the one at its end.
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are looked for
    assert.equal(sequence.match(/[\u0000-\u001f\u007f-\u009f]/g)?.length, 2, form);
  }

  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are looked for
  assert.match(titleSequence(name), /^\u001b\]2;[^\u0000-\u001f\u007f-\u009f]*\u001b\\$/);
});

test('a name with semicolons is one field of a notice', () => {
  assert.equal(
    noticeSequence('osc777', displayName('a;b')),
    '\u001b]777;notify;jangada;a,b\u001b\\',
  );
  // `9;4;` begins the progress in the task bar.
  assert.equal(noticeSequence('osc9', displayName('4;1;50')), '\u001b]9;4,1,50\u001b\\');
});

test('long titles and notices are cut', () => {
  assert.ok(titleSequence(displayName('x'.repeat(5000))).length < 140);
  assert.ok(noticeSequence('osc9', displayName('x'.repeat(5000))).length < 220);
});

test('progress is a whole number from 0 to 100', () => {
  assert.equal(progressSequence({state: 'running', percent: 41.4}), '\u001b]9;4;1;41\u001b\\');
  assert.equal(progressSequence({state: 'running', percent: 140}), '\u001b]9;4;1;100\u001b\\');
  assert.equal(progressSequence({state: 'failed', percent: Number.NaN}), '\u001b]9;4;2;0\u001b\\');
  assert.equal(progressSequence({state: 'unknown'}), '\u001b]9;4;3;0\u001b\\');
  assert.equal(progressSequence({state: 'none'}), '\u001b]9;4;0;0\u001b\\');
});

test('text goes into the clipboard as the bytes of its names; in tmux also through tmux', () => {
  const whole = '\u001b]52;c;w6kv/w==\u001b\\';
  assert.equal(copySequence('osc52', 'é/\udcff'), whole);
  assert.equal(copySequence('none', 'a'), '');
  const doubled = whole.replaceAll('\u001b', '\u001b\u001b');
  assert.equal(copySequence('tmux', 'é/\udcff'), `${whole}\u001bPtmux;${doubled}\u001b\\`);
});
