import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {test} from 'node:test';
import {temporaryFolder, until} from '../fixtures/harness.ts';
import {deadlineMs, Terminal} from '../fixtures/terminal.ts';
import {programWords, startJourney, startServerProgram} from './journey.ts';

const files = {'notes/today.txt': 'rain', 'boat.txt': 'a raft', 'sea.txt': 'salt'};

test('the folder is shown, and q restores the terminal and ends with status 0', async t => {
  const {root, target} = await startJourney(t, {files});
  const {address} = await startServerProgram(t, [root, '--port', '0']);
  // As from a shell: print the earlier text, the status and the modes of the terminal.
  const words = [
    'sh',
    '-c',
    'echo written before; "$@"; echo "left with $?"; stty -a',
    'sh',
    ...programWords('jangada', [address, '--to', target]),
  ];
  const screen = Terminal.start(t, words, {environment: {JANGADA_STATE: temporaryFolder(t)}});
  // A spinner turns before the name while the folder is read.
  const text = await screen.waitFor(/^ jangada {2}127\.0\.0\.1:\d+ [\s\S]*sea\.txt/);
  assert.match(text, /▌ . notes\/ .*\n.* boat\.txt +6 B .*\n.* sea\.txt +4 B /);
  assert.match(text, /q quit/);
  assert.ok(screen.isFullScreen);
  assert.ok(!screen.cursorVisible);

  screen.type('q');
  assert.equal((await screen.ended()).status, 0);
  screen.assertRestored();
  assert.match(screen.text, /^written before\nleft with 0\n/);
  assert.match(screen.text, / icanon /);
  assert.match(screen.text, / echo /);
});

test('a program that starts in the middle of a line draws a whole screen, and that line is there again afterwards', async t => {
  const {server, target} = await startJourney(t, {files});
  const words = ['sh', '-c', 'printf "no end: "; exec "$@"', 'sh'];
  const program = programWords('jangada', [server.address, '--to', target]);
  const screen = Terminal.start(t, [...words, ...program], {columns: 60, rows: 20});
  const header = /^ jangada {2}127\.0\.0\.1:\d+ +idle\n╭─ 1 Files .*╮\n/;
  await screen.waitFor(/1 of 3 ─/);
  assert.match(screen.text, header);
  // The first line is whole also when the screen is drawn again.
  screen.send('\u001a');
  await screen.waitFor(/No shell can bring jangada back here/);
  assert.match(screen.text, header);
  screen.type('q');
  assert.equal((await screen.ended()).status, 0);
  screen.assertRestored();
  assert.match(screen.text, /^no end:\n/);
});

for (const [name, key] of [
  ['Ctrl-C', 'ctrl-c'],
  ['F10', 'f10'],
] as const) {
  test(`${name} quits like q`, async t => {
    const {jangada} = await startJourney(t, {files});
    const screen = jangada();
    await screen.waitFor(/sea\.txt/);
    screen.press(key);
    assert.deepEqual(await screen.ended(), {status: 0, signal: 0});
    screen.assertRestored();
  });
}

test('Ctrl-C quits while help is open, while a line is typed and while a question is asked', async t => {
  const {jangada} = await startJourney(t, {files});
  for (const [key, opened] of [
    ['?', /Keys/],
    ['/', /Filter:/],
    ['s', /Sort by/],
  ] as const) {
    const screen = jangada();
    await screen.waitFor(/sea\.txt/);
    screen.type(key);
    await screen.waitFor(opened);
    screen.press('ctrl-c');
    assert.equal((await screen.ended()).status, 0, `after ${key}`);
    screen.assertRestored();
  }
});

/**
 * This code is loaded before the program. Ink waits 200 ms for the terminal's answer, but a busy machine may not even draw
 * the first screen in this time.
 */
const waitForTheAnswer = `
  const {setTimeout} = globalThis;
  globalThis.setTimeout = (listener, ms, ...more) =>
    setTimeout(listener, ms === 200 ? 60_000 : ms, ...more);`;

test('keys of the kitty protocol are understood, and the terminal gets its earlier protocol back', async t => {
  const {jangada} = await startJourney(t, {files});
  const screen = jangada(undefined, {kitty: true, environment: preloaded(waitForTheAnswer)});
  await screen.waitFor(/^ jangada {2}127.*sea\.txt/s);
  await screen.waitFor(() => screen.written.includes('\u001b[>1u'));
  screen.type('?');
  await screen.waitFor(/Keys/);
  // The sequence of Escape in such a terminal.
  screen.send('\u001b[27u');
  await screen.waitFor(text => !text.includes('Keys'));
  screen.press('down');
  await screen.waitFor(/▌ . boat\.txt/);
  // The sequence of Ctrl-C.
  screen.send('\u001b[99;5u');
  assert.equal((await screen.ended()).status, 0);
  screen.assertRestored();
});

const skip = process.platform !== 'linux' && 'the child of the shell is found through /proc';

/** This code is loaded before the program. It stops the program just after the query to the terminal. */
const stopOnceAsked = `
  const {write} = process.stdout;
  process.stdout.write = function (...words) {
    const more = write.apply(this, words);
    if (String(words[0]).includes('\\u001b[?u')) process.kill(process.pid, 'SIGSTOP');
    return more;
  };`;

/** The environment of a program that runs `code` first. */
function preloaded(code: string): NodeJS.ProcessEnv {
  return {NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(code)}`};
}

test('the answer of a terminal that answers while the program is stopped is not shown on the screen', {
  skip,
}, async t => {
  const {jangada} = await startJourney(t, {files});
  const screen = jangada(undefined, {kitty: true, environment: preloaded(stopOnceAsked)});
  await screen.waitFor(() => screen.written.includes('\u001b[?u'));
  await until(() => stateOf(screen.pid) === 'T');
  screen.kill('SIGCONT');
  await screen.waitFor(/^ jangada {2}127.*sea\.txt/s);
  assert.doesNotMatch(screen.written, /\^\[/);
  screen.type('q');
  assert.equal((await screen.ended()).status, 0);
  screen.assertRestored();
});

for (const [signal, status] of [
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const) {
  test(`${signal} restores the terminal, too`, {skip}, async t => {
    const {server, target} = await startJourney(t, {files});
    const screen = Terminal.start(t, [
      'sh',
      '-c',
      'echo written before; "$@"; echo "left with $?"; stty -a',
      'sh',
      ...programWords('jangada', [server.address, '--to', target]),
    ]);
    await screen.waitFor(/sea\.txt/);
    const children = readFileSync(`/proc/${screen.pid}/task/${screen.pid}/children`, 'utf8');
    process.kill(Number(children.trim()), signal);
    await screen.ended();
    screen.assertRestored();
    // Some shells print the name of the signal.
    const left = new RegExp(`^written before\\n(?:\\w+\\n)?left with ${status}\\n`);
    assert.match(screen.text, left);
    assert.match(screen.text, / icanon /);
    assert.match(screen.text, / echo /);
  });
}

test('closing the window of the terminal ends the program, too', {skip}, async t => {
  const {jangada} = await startJourney(t, {files});
  const screen = jangada();
  await screen.waitFor(/sea\.txt/);
  screen.hangUp();
  await until(() => !isAlive(screen.pid), deadlineMs);
});

/** Whether this process exists and has not ended. */
function isAlive(pid: number): boolean {
  return ![undefined, 'Z'].includes(stateOf(pid));
}

/** The letter for the state of a process; undefined without such a process. */
function stateOf(pid: number): string | undefined {
  try {
    return /^State:\s+(\w)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  } catch {
    return undefined;
  }
}

test('NO_COLOR removes every colour, and nothing else', async t => {
  const {jangada} = await startJourney(t, {files});
  const shown: string[] = [];
  const colours: boolean[] = [];
  for (const environment of [{CI: undefined}, {CI: undefined, NO_COLOR: '1'}]) {
    const screen = jangada(undefined, {environment});
    shown.push((await screen.waitFor(/1 of 3 ─/)).replaceAll(/:\d+/g, ''));
    screen.press('down', 'space');
    await screen.waitFor(/1 marked/);
    screen.type('?');
    await screen.waitFor(/Keys/);
    colours.push(hasColours(screen.written));
    screen.press('ctrl-c');
    await screen.ended();
  }

  assert.deepEqual(colours, [true, false]);
  assert.equal(shown[0], shown[1]);
});

/** Whether any graphic rendition in `written` sets the colour of text or of its background. */
function hasColours(written: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the test searches for control characters
  return [...written.matchAll(/\u001b\[([\d;:]*)m/g)].some(([, parameters = '']) =>
    parameters.split(/[;:]/).some(number => /^(?:[34][0-8]|9[0-7]|10[0-7])$/.test(number)),
  );
}

test('an invalid address is refused before the full screen opens', async t => {
  const {jangada} = await startJourney(t, {files});
  const screen = jangada(['http://127.0.0.1']);
  assert.equal((await screen.ended()).status, 2);
  assert.match(screen.text, /^jangada: .+\n/);
  assert.ok(!screen.written.includes('\u001b'));
});
