import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';
import {writeFileSync} from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import {suite, test} from 'node:test';
import {startHarness, temporaryFolder, until} from '../fixtures/harness.ts';
import {Terminal} from '../fixtures/terminal.ts';

const program = path.join(import.meta.dirname, '../../dist/jangada.js');
const skip = spawnSync('tmux', ['-V']).status !== 0 && 'tmux is not installed';

suite('a path that is copied in tmux', {skip}, () => {
  for (const [settings, isTaken] of [
    ['set -g set-clipboard on', true],
    ['set -g set-clipboard off', false],
  ] as const) {
    test(`is ${isTaken ? 'in' : 'not in'} its buffer with ${settings}`, async t => {
      const {server, serve} = await startHarness(t);
      serve('a b/é.txt', '');
      const home = temporaryFolder(t);
      const configuration = path.join(home, 'tmux.conf');
      writeFileSync(configuration, `${settings}\n`);
      const tmux = (...words: string[]) =>
        spawnSync('tmux', ['-S', path.join(home, 'socket'), ...words], {encoding: 'utf8'});
      const words = [process.execPath, program, server.address];
      const screen = Terminal.start(
        t,
        ['tmux', '-S', path.join(home, 'socket'), '-f', configuration, 'new-session', ...words],
        {environment: {HOME: home, JANGADA_STATE: home, JANGADA_CONFIG: home}},
      );
      // Before the folder with its socket is removed.
      using ends = new DisposableStack();
      ends.defer(() => tmux('kill-server'));
      await screen.waitFor(/a b/);
      screen.press('right');
      await screen.waitFor(/é\.txt/);
      screen.type('y');
      await screen.waitFor(/Copied: a b\/é\.txt/);
      if (isTaken) {
        await until(() => tmux('show-buffer').stdout === 'a b/é.txt');
      } else {
        assert.equal(tmux('show-buffer').stdout, '');
      }
    });
  }
});
