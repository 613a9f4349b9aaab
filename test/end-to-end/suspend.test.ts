import assert from 'node:assert/strict';
import {readdirSync, readFileSync} from 'node:fs';
import process from 'node:process';
import {type TestContext, test} from 'node:test';
import {noise, temporaryFolder, until} from '../fixtures/harness.ts';
import {Terminal} from '../fixtures/terminal.ts';
import {startGate} from './gate.ts';
import {MiB, programWords, startJourney} from './journey.ts';

const files = {'notes/today.txt': 'rain', 'boat.txt': 'a raft', 'sea.txt': 'salt'};
const skip = process.platform !== 'linux' && 'the program is found through /proc';

/** Start a shell with job control, and in it the full screen (without an address: the list of servers) or a command. */
async function startInShell(
  t: TestContext,
  address: string | undefined,
  target: string,
  command: readonly string[] = [],
): Promise<Terminal> {
  const shell = Terminal.start(t, ['sh', '-i'], {
    environment: {PS1: 'shell> ', ENV: undefined, JANGADA_STATE: temporaryFolder(t)},
  });
  await shell.waitFor(/^shell>/);
  const words = programWords('jangada', [
    ...command,
    ...(address === undefined ? [] : ['-s', address]),
    ...['--to', target],
  ]);
  shell.type(`${words.map(word => `'${word}'`).join(' ')}\n`);
  return shell;
}

/** The process that `shell` has started. */
function programOf(shell: Terminal): number {
  const found = readdirSync('/proc').find(
    name => /^\d+$/.test(name) && field(name, 'PPid') === `${shell.pid}`,
  );
  assert.ok(found !== undefined);
  return Number(found);
}

function field(pid: number | string, name: string): string | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return new RegExp(`^${name}:\\s+(\\w+)`, 'm').exec(status)?.[1];
  } catch {
    // The process has ended meanwhile.
    return undefined;
  }
}

/** Check that the shell has its terminal back, and runs what is typed. */
async function takesCommands(shell: Terminal): Promise<void> {
  await shell.waitFor(/shell>\s*$/);
  shell.assertRestored();
  shell.type('clear; stty -a; echo "typed $((6 * 7))"\n');
  const text = await shell.waitFor(/^(?!.*clear;)[\s\S]*^typed 42$/m);
  assert.match(text, / icanon /);
  assert.match(text, / echo /);
  // The screen would take `q` as a key, but the shell must get it.
  shell.type('q\n');
  await shell.waitFor(/q: (?:command )?not found/);
}

/** Quit the program, and check that the shell is as before. */
async function quits(shell: Terminal): Promise<void> {
  shell.type('q');
  await shell.waitFor(/shell>\s*$/);
  shell.type('echo "left with $?"\n');
  await shell.waitFor(/^left with 0$/m);
  shell.assertRestored();
}

test('Ctrl-Z gives the terminal to the shell, and fg draws the whole screen again, in its new size', {
  skip,
}, async t => {
  const {server, target} = await startJourney(t, {files});
  const shell = await startInShell(t, server.address, target);
  await shell.waitFor(/1 of 3 ─/);
  shell.press('down', 'space');
  // Wait until the right pane shows all of its details.
  const before = await shell.waitFor(/● 1 marked.*Details sea\.txt[\s\S]*It is not here/);
  const program = programOf(shell);
  // A character in the same read as Ctrl-Z does not count as a key.
  shell.send('\u001aq');
  await until(() => field(program, 'State') === 'T');
  await takesCommands(shell);

  shell.type('fg\n');
  await shell.waitFor(text => text === before);
  assert.ok(shell.isFullScreen);
  assert.ok(!shell.cursorVisible);
  shell.press('up');
  await shell.waitFor(/▌ . boat\.txt/);

  // A question or a typed line is still open after fg.
  for (const [keys, opened] of [
    ['s', /Sort by/],
    ['/oa', /filter 'oa'[\s\S]*Filter: oa/],
    ['?', /─ Keys ─/],
  ] as const) {
    shell.type(keys);
    await shell.waitFor(opened);
    shell.send('\u001a');
    await takesCommands(shell);
    shell.resize(100, 30);
    shell.type('fg\n');
    const text = await shell.waitFor(opened);
    assert.match(text, /╮\n/);
    assert.ok(
      shell.rows.slice(1, -1).every(row => row.length === 100),
      text,
    );
    shell.press('escape');
    await shell.waitFor(text => !opened.test(text));
    shell.resize(120, 40);
  }

  await shell.waitFor(/1 of 3 ─|2 of 3 ─/);
  await quits(shell);
});

for (const [signal, name] of [
  ['SIGTSTP', 'kill -TSTP'],
  ['SIGSTOP', 'kill -STOP, which no process can catch,'],
] as const) {
  test(`${name} and fg leave a whole screen`, {skip}, async t => {
    const {server, target} = await startJourney(t, {files});
    const shell = await startInShell(t, server.address, target);
    await shell.waitFor(/1 of 3 ─/);
    shell.press('down', 'space');
    // Wait until the right pane shows all of its details.
    const before = await shell.waitFor(/● 1 marked.*Details sea\.txt[\s\S]*It is not here/);
    const program = programOf(shell);
    for (let times = 0; times < 2; times++) {
      process.kill(program, signal);
      await until(() => field(program, 'State') === 'T');
      if (signal === 'SIGTSTP') {
        await takesCommands(shell);
      } else {
        // A line feed, because not every shell restores a terminal that was left in raw mode.
        shell.type(`echo "typed $((6 * 7)) ${times}"\n`);
        await shell.waitFor(new RegExp(`typed 42 ${times}`));
      }

      shell.type('fg\n');
      await shell.waitFor(text => text === before);
      assert.ok(shell.isFullScreen);
    }

    shell.press('up');
    await shell.waitFor(/▌ . boat\.txt/);
    await quits(shell);
  });
}

test('Ctrl-Z in the list of servers gives the terminal to the shell, and fg shows the list again', {
  skip,
}, async t => {
  const {target} = await startJourney(t, {files});
  const shell = await startInShell(t, undefined, target);
  const before = await shell.waitFor(/Servers ─[\s\S]*q quit/);
  shell.send('\u001a');
  await takesCommands(shell);
  shell.type('fg\n');
  await shell.waitFor(text => text === before);
  await quits(shell);
});

test('with sentences, Ctrl-Z gives the keys to the shell, and fg speaks the row with the cursor again', {
  skip,
}, async t => {
  const {server, target} = await startJourney(t, {files});
  const shell = await startInShell(t, server.address, target, ['--screen-reader']);
  await shell.waitFor(/^notes, folder, .* 1 of 3\.$/m);
  shell.type('j');
  await shell.waitFor(/^boat\.txt, 6 B, .* 2 of 3\.$/m);
  // A character in the same read as Ctrl-Z does not count as a key.
  shell.send('\u001aq');
  await takesCommands(shell);
  shell.type('clear; fg\n');
  await shell.waitFor(/^(?!.*clear; fg)[\s\S]*^boat\.txt, 6 B, .* 2 of 3\.$/m);
  shell.type('j');
  await shell.waitFor(/^sea\.txt, 4 B, .* 3 of 3\.$/m);
  await quits(shell);
});

test('bg leaves the terminal to the shell, and the transfers continue after fg', {
  skip,
}, async t => {
  const content = noise(4 * MiB);
  const {server, target, saved} = await startJourney(t, {files: {'boat.bin': content}});
  const gate = await startGate(t, server);
  const shell = await startInShell(t, gate.address, target);
  await shell.waitFor(/1 of 1 ─/);
  gate.shut();
  gate.allow(1.5 * MiB);
  shell.type('d');
  await shell.waitFor(/[◜◠◝◞◡◟] boat\.bin/);
  const program = programOf(shell);
  shell.send('\u001a');
  await takesCommands(shell);
  shell.type('bg\n');
  await until(() => field(program, 'State') === 'T');
  await takesCommands(shell);
  gate.open();
  shell.type('fg\n');
  await shell.waitFor(/✓ boat\.bin +verified/);
  assert.ok(saved('boat.bin')?.equals(content));
  await quits(shell);
});

test('without a shell that could continue the program, Ctrl-Z stops nothing and says so', async t => {
  const {jangada} = await startJourney(t, {files});
  const screen = jangada();
  const before = await screen.waitFor(/1 of 3 ─.*Details notes[\s\S]*→ opens it/);
  screen.send('\u001a');
  const text = await screen.waitFor(/No shell can bring jangada back here: it stays open\./);
  // The message is in the wall above the keys.
  assert.deepEqual(text.split('\n').slice(0, -2), before.split('\n').slice(0, -2));
  assert.ok(screen.isFullScreen);
  screen.type('q');
  assert.equal((await screen.ended()).status, 0);
  screen.assertRestored();
});

test('a command with bars leaves the shell a cursor at Ctrl-Z, and continues after fg', {
  skip,
}, async t => {
  const content = noise(8 * MiB);
  const {server, target, saved} = await startJourney(t, {files: {'boat.bin': content}});
  const gate = await startGate(t, server);
  gate.shut();
  gate.allow(4.5 * MiB);
  const shell = await startInShell(t, gate.address, target, ['mget', '**']);
  await shell.waitFor(/boat\.bin .*█.* 56 %/);
  assert.ok(!shell.cursorVisible);
  shell.send('\u001a');
  await takesCommands(shell);
  gate.open();
  shell.type('fg\n');
  await shell.waitFor(/1 file, 8\.39 MB verified[\s\S]*shell>\s*$/);
  shell.assertRestored();
  assert.ok(saved('boat.bin')?.equals(content));
});
