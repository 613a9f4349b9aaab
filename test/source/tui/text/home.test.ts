import assert from 'node:assert/strict';
import {test} from 'node:test';
import {shortFolder} from '../../../../source/tui/text/home.ts';

const skip = process.platform === 'win32' && 'paths have backslashes there';

test('the home folder is shown as ~, also at the front of paths in it', {skip}, () => {
  const words = (folder: string) => shortFolder(folder, '/home/ana');
  assert.equal(words('/home/ana'), '~');
  assert.equal(words('/home/ana/downloads'), '~/downloads');
  assert.equal(words('/home/anabela/x'), '/home/anabela/x');
  assert.equal(words('/srv'), '/srv');
  assert.equal(words('/home/ana/\u001b[2J'), '~/\\x1b[2J');
  assert.equal(shortFolder('/srv', '/'), '/srv');
});
