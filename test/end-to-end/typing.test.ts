import assert from 'node:assert/strict';
import {test} from 'node:test';
import {setTimeout as wait} from 'node:timers/promises';
import type {Terminal} from '../fixtures/terminal.ts';
import {startGate} from './gate.ts';
import {startJourney} from './journey.ts';

const paste = (text: string): string => `\u001b[200~${text}\u001b[201~`;
/** Without colours the caret would be a character in the line. */
const environment = {FORCE_COLOR: '3'};
const footer = (screen: Terminal): string => screen.rows.at(-1) ?? '';

for (const [columns, rows] of [
  [120, 40],
  [80, 24],
  [60, 15],
] as const) {
  test(`a typed line on ${columns} × ${rows} loses no key and erases whole characters`, async t => {
    const {jangada} = await startJourney(t, {
      files: {'boat.txt': ''},
      columns,
      rows,
      environment,
    });
    const screen = jangada();
    await screen.waitFor(/boat\.txt/);
    screen.press({text: '/ab'}, 'left', 'left', {text: 'X'});
    await screen.waitFor(() => /^ Filter: Xab(?: |$)/.test(footer(screen)));
    screen.press('end', 'backspace', 'backspace', 'backspace');
    await screen.waitFor(() => /^ Filter:(?: {2}|$)/.test(footer(screen)));
    // All keys in one read: the key that opens the line, and the text.
    screen.press('escape');
    await screen.waitFor(() => !/Filter/.test(footer(screen)));
    const many = Array.from({length: 200}, (_, index) => String.fromCharCode(97 + (index % 26)));
    screen.type(`/${many.join('')}`);
    await screen.waitFor(() => footer(screen).includes(many.slice(-30).join('')));
    screen.send('\u0015e\u0301👍\u007f!');
    await screen.waitFor(() => /^ Filter: e\u0301!(?: |$)/.test(footer(screen)));
    screen.press('escape');
    await screen.waitFor(/boat\.txt/);
  });
}

test('a paste of 10,000 characters is complete: its end is shown, and the keys after it', async t => {
  const {jangada} = await startJourney(t, {files: {'boat.txt': ''}, environment});
  const screen = jangada();
  await screen.waitFor(/boat\.txt/);
  const text = `begin ${'x'.repeat(9_988)} \u202eend`;
  screen.type('/');
  screen.send(paste(`${text}\r\n\u0003q`));
  await screen.waitFor(() => /^ Filter: …x+ \\u\{202e\}end$/.test(footer(screen)));
  screen.press('home');
  await screen.waitFor(() => /^ Filter: begin x+…/.test(footer(screen)));
  screen.press('end');
  screen.type('ing');
  await screen.waitFor(() => footer(screen).includes('ending'));
  screen.send('\u0015boat');
  await screen.waitFor(/filter 'boat'[\s\S]*boat\.txt/);
});

test('a typed line is kept while the screen is too small for it', async t => {
  const {jangada} = await startJourney(t, {
    files: {'boat.txt': '', 'sea.txt': ''},
    environment,
  });
  const screen = jangada();
  await screen.waitFor(/sea\.txt/);
  screen.type('/boa');
  await screen.waitFor(() => /^ Filter: boa(?: |$)/.test(footer(screen)));
  screen.press('left');
  screen.resize(30, 5);
  await screen.waitFor(/Too small/);
  screen.type('X');
  screen.press('backspace');
  screen.type('o');
  screen.resize(120, 40);
  await screen.waitFor(() => /^ Filter: booa /.test(footer(screen)));
});

test('a sign turns while a folder is read, and an idle program writes nothing', async t => {
  const {server, jangada} = await startJourney(t, {files: {'boats/sail.txt': 'white'}});
  const gate = await startGate(t, server);
  const screen = jangada([gate.address]);
  const sign = (text: string): string => /^[◜◠◝◞◡◟]/.exec(text)?.[0] ?? '';
  await screen.waitFor(text => /boats\//.test(text) && sign(text) === '');
  gate.shut();
  screen.press('enter');
  const first = sign(await screen.waitFor(text => sign(text) !== ''));
  await screen.waitFor(text => sign(text) !== '' && sign(text) !== first);
  gate.open();
  await screen.waitFor(text => /sail\.txt/.test(text) && sign(text) === '');
  // The last that it says about the folder.
  await screen.waitFor(/Details sail\.txt[\s\S]*It is not here/);
  await settled(screen);
  const before = screen.written.length;
  // Writing nothing is no event to wait for, so wait a second.
  await wait(1000);
  assert.equal(screen.written.slice(before), '');
});

/** Resolves when the program has written nothing for a quarter of a second. */
async function settled(screen: Terminal): Promise<void> {
  for (let length = -1; length !== screen.written.length; ) {
    length = screen.written.length;
    await wait(250);
  }
}
