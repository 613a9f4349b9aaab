import assert from 'node:assert/strict';
import {appendFileSync, mkdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {noise, temporaryFolder, until} from '../fixtures/harness.ts';
import type {Terminal} from '../fixtures/terminal.ts';
import {startGate} from './gate.ts';
import {startJangada, startJourney} from './journey.ts';

// Only Linux has such names.
const skip = process.platform !== 'linux' && 'other systems have no such names';

/** A name that would set the title of the window and reverse the direction of the text. */
const name = 'x\u001b]2;own\u0007\u202e';
/** The beginning of the name as it is shown. Narrow places cut off the rest. */
const asShown = (before: string, after = ''): RegExp =>
  new RegExp(`${before}x\\\\x1b\\S*${after}`, 'm');

const paste = `\u001b[200~${name}\u001b[201~`;
/** Whether the last line of the screen shows the pasted name, as escapes. */
const typed = (text: string): boolean => (text.split('\n').at(-1) ?? '').includes('\\u{202e}');
const focusLost = '\u001b[O';

/** @throws if a control character of the name reached the terminal. */
function assertHarmless({written}: Terminal): void {
  assert.ok(!written.includes('own\u0007'));
  assert.ok(!written.includes('\u202e'));
  assert.ok(!written.includes('x\u001b]2;'));
}

for (const size of [
  {columns: 120, rows: 40},
  {columns: 80, rows: 24},
  {columns: 60, rows: 15},
]) {
  test(`a name with control sequences is harmless wherever it is shown, at ${size.columns} x ${size.rows}`, {
    skip,
  }, async t => {
    const content = `text ${name}\n`;
    const files = {[`${name}/${name}.txt`]: content, [`${name}.bin`]: noise(400_000)};
    const {server} = await startJourney(t, {files});
    const target = join(temporaryFolder(t), name);
    mkdirSync(target);
    const copy = join(target, name, `${name}.txt`);
    const state = temporaryFolder(t);
    const environment = {
      JANGADA_STATE: state,
      JANGADA_CONFIG: state,
      FORCE_COLOR: '3',
      TERM_PROGRAM: 'ghostty',
    };
    const start = (...words: string[]): Terminal => startJangada(t, words, {...size, environment});
    const gate = await startGate(t, server);
    const screen = start(gate.address, '--to', target);

    // In panes and their walls.
    await screen.waitFor(asShown('▌ +', '/'));
    await screen.waitFor(asShown(' Details '));
    screen.press('right');
    await screen.waitFor(asShown(' Files /'));
    await screen.waitFor(asShown('▌ +', '\\.txt'));
    screen.type('i');
    await screen.waitFor(asShown('text '));
    screen.type('i1');
    // In messages.
    screen.press('right');
    await screen.waitFor(asShown('', ' is not a folder|…'));
    screen.type('v');
    await screen.waitFor(asShown('no copy of[\\s\\S]*'));
    screen.type('1d');
    await screen.waitFor(/✓ same/);
    screen.type('3');
    await screen.waitFor(asShown('▌✓ '));
    // In the details of a transfer, with the folder that it was saved to.
    screen.press('enter');
    await screen.waitFor(asShown('saved as .*'));
    screen.press('escape');
    screen.type('v');
    await screen.waitFor(/ Verifier .*(?:x1b|202e).*[\s\S]*same/);
    screen.type('1d');
    await screen.waitFor(asShown('', ' is here already'));
    appendFileSync(copy, 'changed since');
    screen.type('d');
    await screen.waitFor(asShown('Here already: '));
    screen.press('escape');
    await screen.waitFor(text => !text.includes('Here already'));
    writeFileSync(copy, content);
    // In typed lines, and in the complaints about them.
    for (const key of [':', '/', '\u0007', 'f', 'm', '+']) {
      screen.type(key);
      screen.send(paste);
      await screen.waitFor(typed);
      screen.press('escape');
      await screen.waitFor(text => !typed(text));
    }

    screen.type('fx\r');
    await screen.waitFor(asShown("find 'x'[\\s\\S]*▌ .*"));
    screen.press('escape');
    await screen.waitFor(text => !text.includes("find '"));
    // In questions.
    screen.type('\\');
    screen.press('left');
    await screen.waitFor(asShown('▌ +', '/'));
    gate.shut();
    gate.allow(100_000);
    screen.type('Gd');
    await screen.waitFor(asShown('▌ +', '\\.bin.*↓'));
    const beganMs = performance.now();
    screen.type('3g');
    await screen.waitFor(asShown('▌[◜◠◝◞◡◟] '));
    for (const [key, title] of [
      ['x', 'Cancel '],
      ['q', 'Quit\\?[\\s\\S]*- '],
      ['b', 'Leave this server\\?[\\s\\S]*- '],
    ] as const) {
      screen.type(key);
      await screen.waitFor(asShown(title));
      screen.press('escape');
      await screen.waitFor(text => !text.includes('- x') && !text.includes('Cancel x'));
    }

    screen.type('1g /bin\rd');
    await screen.waitFor(asShown('Marked, but not shown[\\s\\S]*'));
    screen.press('escape');
    await screen.waitFor(text => !text.includes('not shown:'));
    // In the notice at the end of the work, and in the results of a folder.
    screen.send(focusLost);
    // Shorter work has no notice at its end.
    await until(() => performance.now() - beganMs > 5000);
    gate.open();
    await screen.waitFor(() => screen.written.includes('\u001b]9;1 file verified'));
    screen.press('escape');
    screen.type('1gv');
    await screen.waitFor(/✓ same +\S*(?:x1b|x07|202e)/);
    screen.type('q');
    assert.equal((await screen.ended()).status, 0);
    screen.assertRestored();
    assertHarmless(screen);

    // In the list of servers, and in the name of a bookmark.
    const path = encodeURIComponent(name);
    const other = start(`${server.address}/${path}`, '--to', target);
    await other.waitFor(asShown(' Files /'));
    other.type('b');
    await other.waitFor(/╭─ Servers[\s\S]*▌ +127\.0\.0\.1:/);
    other.type('*');
    other.send(`\u0015${paste}`);
    await other.waitFor(typed);
    other.press('enter');
    await other.waitFor(/◆ x\]2;own/);
    other.type('q');
    assert.equal((await other.ended()).status, 0);
    assertHarmless(other);

    // In a message on the terminal before the full screen opens.
    const file = join(temporaryFolder(t), name);
    writeFileSync(file, '');
    const refused = start(server.address, '--to', file);
    assert.notEqual((await refused.ended()).status, 0);
    assert.match(refused.text.replaceAll('\n', ''), asShown(''));
    assertHarmless(refused);
  });
}
