import assert from 'node:assert/strict';
import {test} from 'node:test';
import {isBare} from '../../../../source/tui/terminal/bare.ts';

test('the console of Linux, a dumb terminal and a terminal without a name can only draw', () => {
  for (const TERM of [undefined, '', 'dumb', 'linux']) {
    assert.equal(isBare({TERM}), true, TERM);
  }

  for (const TERM of ['xterm', 'xterm-256color', 'screen', 'screen.linux', 'tmux-256color']) {
    assert.equal(isBare({TERM}), false, TERM);
  }
});

test('terminals of Windows are recognised in another way', () => {
  for (const name of ['WT_SESSION', 'ConEmuANSI', 'TERM_PROGRAM']) {
    assert.equal(isBare({[name]: 'x'}), false, name);
    assert.equal(isBare({[name]: 'x', TERM: 'dumb'}), true, name);
  }
});
