import assert from 'node:assert/strict';
import {test} from 'node:test';
import {temporaryFolder} from '../fixtures/harness.ts';
import {Terminal} from '../fixtures/terminal.ts';
import {programWords, startJourney} from './journey.ts';

const files = {'boat.txt': 'a raft'};

/** Options with which the program runs `code` before its own code. */
const preload = (code: string) => ({
  NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(code)}`,
});

test('an unexpected error is printed after the terminal is restored', async t => {
  const {jangada} = await startJourney(t, {files});
  const code = `process.on('SIGUSR2', () => { throw new Error('the mast is broken'); });`;
  const screen = jangada(undefined, {environment: preload(code)});
  await screen.waitFor(/boat\.txt/);
  screen.kill('SIGUSR2');
  assert.equal((await screen.ended()).status, 1);
  screen.assertRestored();
  assert.match(screen.text, /^jangada: .*the mast is broken/);
});

test('if the screen cannot be drawn, the program restores the terminal and says why', async t => {
  const {server, target} = await startJourney(t, {files});
  const code = `
    import {spawnSync} from 'node:child_process';
    const {write} = process.stdout;
    process.stdout.write = function (...words) {
      if (String(words[0]).includes('\\u001b[?u')) throw new Error('the sail is torn');
      return write.apply(this, words);
    };
    // This runs while the program has not ended, and before anything else could restore the modes of the terminal.
    process.on('exit', () => spawnSync('stty', ['-a'], {stdio: 'inherit'}));`;
  const words = programWords('jangada', [server.address, '--to', target]);
  const shell = ['sh', '-c', 'echo written before; "$@"; echo "left with $?"', 'sh', ...words];
  const screen = Terminal.start(t, shell, {
    environment: {JANGADA_STATE: temporaryFolder(t), ...preload(code)},
  });
  await screen.ended();
  screen.assertRestored();
  assert.match(
    screen.text,
    /^written before\njangada: [\s\S]*the sail is torn[\s\S]* icanon [\s\S]*\nleft with 1\n/,
  );
});
