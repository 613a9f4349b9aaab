/** However the program ends, and whatever it shows then, the terminal is restored. */
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {type TestContext, test} from 'node:test';
import {noise, temporaryFolder} from '../fixtures/harness.ts';
import {Terminal} from '../fixtures/terminal.ts';
import {type Gate, startGate} from './gate.ts';
import {MiB, programWords, startJourney} from './journey.ts';

const skip = process.platform !== 'linux' && 'the child of the shell is found through /proc';

/**
 * This code is loaded before the program. It throws an error at the signal USR2, and lets Ink wait longer than 200 ms for
 * the answer of the terminal.
 */
const preloaded = `
  process.on('SIGUSR2', () => { throw new Error('nobody expected this'); });
  const {setTimeout} = globalThis;
  globalThis.setTimeout = (listener, ms, ...more) =>
    setTimeout(listener, ms === 200 ? 60_000 : ms, ...more);`;

/** A terminal for which the program uses all modes that it knows. */
const environment = {
  TERM_PROGRAM: 'ghostty',
  NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(preloaded)}`,
};

const ends = {SIGTERM: 143, SIGHUP: 129, SIGINT: 130, SIGUSR2: 1} as const;

type State = {
  readonly keys: string;
  readonly shown: RegExp;
  /** Whether the program prints sentences instead of a screen. */
  readonly isTold?: true;
  readonly withoutServer?: true;
};

const states: Readonly<Record<string, State>> = {
  'the files': {keys: 'j', shown: /▌ {3}sea\.txt/},
  'a question': {keys: 's', shown: /Sort by/},
  'the keys': {keys: '?', shown: /─ Keys ─/},
  'a typed line': {keys: '/se', shown: /filter 'se'/},
  'a preview': {keys: 'ji', shown: /2 Preview/},
  'a download': {keys: 'gd', shown: /1 run/},
  'the list of servers': {keys: '', shown: /Servers/, withoutServer: true},
  sentences: {keys: 'j', shown: /^sea\.txt, 4 B, .* 2 of 2\.$/m, isTold: true},
};

async function start(t: TestContext, state: State): Promise<{shell: Terminal; gate: Gate}> {
  const {server, target} = await startJourney(t, {
    files: {'big.bin': noise(2 * MiB), 'sea.txt': 'salt'},
  });
  const gate = await startGate(t, server);
  const address = state.withoutServer === true ? [] : [gate.address];
  const words = [
    ...['sh', '-c', 'stty -a; "$@"; echo "left with $?"; stty -a', 'sh'],
    ...programWords('jangada', [...address, '--to', target]),
  ];
  const own = {JANGADA_STATE: temporaryFolder(t), JANGADA_CONFIG: temporaryFolder(t)};
  const told = state.isTold === true ? {INK_SCREEN_READER: 'true'} : {};
  const shell = Terminal.start(t, words, {
    kitty: true,
    environment: {...environment, ...own, ...told},
  });
  return {shell, gate};
}

/** Bring the program to `state`, end it with `signal`, and check that the terminal is restored. */
async function endIn(t: TestContext, state: State, signal: keyof typeof ends): Promise<void> {
  const {shell, gate} = await start(t, state);
  const isDrawn = state.isTold !== true;
  await shell.waitFor(state.withoutServer === true ? /Servers/ : /sea\.txt|2 entries/);
  await shell.waitFor(() => !isDrawn || shell.written.includes('\u001b[>1u'));
  gate.shut();
  gate.allow(MiB / 2);
  shell.type(state.keys);
  await shell.waitFor(state.shown);
  const children = readFileSync(`/proc/${shell.pid}/task/${shell.pid}/children`, 'utf8');
  process.kill(Number(children.trim()), signal);
  await shell.ended();
  shell.assertRestored();
  assert.match(shell.text, new RegExp(`left with ${ends[signal]}$`, 'm'), signal);
  const [before, after] = shell.text.split(/^left with \d+$/m).map(modesOf);
  assert.ok(before?.includes('icanon'), signal);
  assert.deepEqual(after, before, signal);
  const {written} = shell;
  assert.ok(
    !isDrawn || written.lastIndexOf('\u001b[23;0t') > written.lastIndexOf('\u001b]2;'),
    'the title is that of the window again',
  );
  assert.equal(/nobody expected this/.test(shell.text), signal === 'SIGUSR2');
}

for (const [name, state] of Object.entries(states)) {
  test(`${name}: signals and an unexpected error restore the terminal`, {
    skip,
  }, async t => {
    const signals = Object.keys(ends) as Array<keyof typeof ends>; // The record has no other keys.
    await Promise.all(signals.map(signal => endIn(t, state, signal)));
  });
}

/** The terminal modes in the output of `stty`, as words. */
function modesOf(text: string): string[] {
  return text
    .split(/\s+/)
    .filter(word => /^-?(?:icanon|echo|isig|icrnl|ixon|opost|onlcr)$/.test(word));
}
