import assert from 'node:assert/strict';
import {test} from 'node:test';
import {displayName} from '../../../../protocol/display-text.ts';
import type {OutsideSigns} from '../../../../source/tui/terminal/outside.ts';
import {Window} from '../../../../source/tui/terminal/window.ts';

const all: OutsideSigns = {
  title: true,
  progress: true,
  notice: 'osc9',
  mouse: true,
  focus: true,
  clipboard: 'osc52',
};

function openWindow(signs = all) {
  const written: string[] = [];
  const window = new Window({write: text => written.push(text), signs});
  return {window, take: () => written.splice(0).join('')};
}

test('a window that is given back has its earlier state, and shows the signs again when it is taken again', () => {
  const {window, take} = openWindow();
  window.take();
  assert.equal(take(), '\u001b[22;0t\u001b[?1004h\u001b[?1000h\u001b[?1006h\u001b]9;4;0;0\u001b\\');
  window.showTitle(displayName('one'));
  window.showProgress({state: 'running', percent: 10});
  assert.equal(take(), '\u001b]2;one\u001b\\\u001b]9;4;1;10\u001b\\');
  window.giveBack();
  assert.equal(take(), '\u001b]9;4;0;0\u001b\\\u001b[?1006l\u001b[?1000l\u001b[?1004l\u001b[23;0t');
  window.showTitle(displayName('two'));
  assert.equal(take(), '', 'another program has the terminal');
  window.take();
  assert.ok(take().endsWith('\u001b]2;two\u001b\\\u001b]9;4;1;10\u001b\\'));
});

test('an unchanged title or percent is written once', () => {
  const {window, take} = openWindow();
  window.take();
  take();
  for (const percent of [10.1, 10.2, 10.3]) {
    window.showTitle(displayName('one'));
    window.showProgress({state: 'running', percent});
  }

  assert.equal(take(), '\u001b]2;one\u001b\\\u001b]9;4;1;10\u001b\\');
});

test('a notice is sent only while the user looks elsewhere', () => {
  const {window, take} = openWindow();
  window.take();
  take();
  window.notify(displayName('unknown'));
  window.focus(true);
  window.notify(displayName('seen'));
  window.focus(false);
  window.notify(displayName('done'));
  assert.equal(take(), '\u001b]9;done\u001b\\');
});

test('a terminal without signs is only asked to report its focus, and a terminal that only draws is asked for nothing', () => {
  for (const [focus, written] of [
    [true, '\u001b[?1004h\u001b[?1004l'],
    [false, ''],
  ] as const) {
    const {window, take} = openWindow({
      ...{title: false, progress: false, notice: 'none', mouse: false, clipboard: 'none'},
      focus,
    });
    window.take();
    window.showTitle(displayName('one'));
    window.showProgress({state: 'running', percent: 10});
    window.focus(false);
    window.notify(displayName('done'));
    window.giveBack();
    assert.equal(take(), written);
  }
});

test('text goes into the clipboard if the terminal has one', () => {
  const {window, take} = openWindow();
  assert.equal(window.copy('a'), true);
  assert.equal(take(), '\u001b]52;c;YQ==\u001b\\');
  const none = openWindow({...all, clipboard: 'none'});
  assert.equal(none.window.copy('a'), false);
  assert.equal(none.take(), '');
});
