import assert from 'node:assert/strict';
import {test} from 'node:test';
import type {KeyName} from '../fixtures/key-bytes.ts';
import type {Terminal} from '../fixtures/terminal.ts';
import {startGate} from './gate.ts';
import {startJourney} from './journey.ts';

const numbered = (count: number, name: (number: string) => string): Record<string, string> =>
  Object.fromEntries(
    Array.from({length: count}, (_, index) => [name(String(index + 1).padStart(5, '0')), '']),
  );

/** The name under the cursor in the files pane. */
function underCursor(text: string): string | undefined {
  return /▌ [ ●] (?<name>\S+)/.exec(text)?.groups?.name;
}

async function onto(screen: Terminal, name: string): Promise<string> {
  return await screen.waitFor(text => underCursor(text) === name);
}

test('arrows open folders and leave them, and the cursor is then on the folder that was left', async t => {
  const {jangada} = await startJourney(t, {
    files: {
      ...numbered(40, number => `folder-${number}/page.txt`),
      'folder-00007/inner/deep/bottom.txt': 'deep',
      'folder-00007/other/page.txt': 'other',
    },
  });
  const screen = jangada();
  await onto(screen, 'folder-00001/');
  screen.press('down', 'down', 'down', 'down', 'down', 'down');
  await onto(screen, 'folder-00007/');
  screen.press('right');
  await screen.waitFor(/Files \/folder-00007 [\s\S]*▌ . inner\//);
  screen.press('enter');
  await screen.waitFor(/Files \/folder-00007\/inner [\s\S]*▌ . deep\//);
  screen.type('l');
  await screen.waitFor(/Files \/folder-00007\/inner\/deep [\s\S]*▌ . bottom\.txt/);

  // A file cannot be opened like a folder, so the screen says what can be done with it.
  screen.press('right');
  await screen.waitFor(/bottom\.txt is not a folder\. Press d to download it\./);

  screen.press('left');
  await screen.waitFor(/Files \/folder-00007\/inner [\s\S]*▌ . deep\//);
  screen.press('backspace');
  await screen.waitFor(/Files \/folder-00007 [\s\S]*▌ . inner\//);
  // The row `..` leads up, too.
  screen.press('up', 'enter');
  await screen.waitFor(/Files \/ [\s\S]* 7 of 40 [\s\S]*▌ . folder-00007\//);
  screen.type('h');
  await screen.waitFor(/This is the top folder of the server\./);
  screen.type('q');
  assert.equal((await screen.ended()).status, 0);
});

test('thirty keys in one write count as thirty keys', async t => {
  const {jangada} = await startJourney(t, {files: numbered(60, number => `file-${number}`)});
  const screen = jangada();
  await screen.waitFor(/1 of 60 ─/);
  screen.send('\u001b[B'.repeat(30));
  await screen.waitFor(/ 31 of 60 [\s\S]*▌ . file-00031 /);
  screen.type('k'.repeat(30));
  await screen.waitFor(/ 1 of 60 [\s\S]*▌ . file-00001 /);
  screen.press('space', 'down', 'space', 'end', 'space', 'home', 'down', 'down');
  await screen.waitFor(/● 3 marked [\s\S]*▌ . file-00003 /);
});

/** This code is loaded before the program. The pause after which an Escape counts as a key is longer with it. */
const slowEscape = `
  const {setTimeout} = globalThis;
  globalThis.setTimeout = (listener, ms, ...more) =>
    setTimeout(listener, ms === 40 ? 60_000 : ms, ...more);`;

test('a sequence that arrives in pieces counts as its key', async t => {
  const {jangada} = await startJourney(t, {
    files: numbered(5, number => `file-${number}`),
    environment: {NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(slowEscape)}`},
    // A terminal that has answered: while an answer is expected, the pause is another one.
    background: 'rgb:0000/0000/0000',
  });
  const screen = jangada();
  await screen.waitFor(/1 of 5 ─/);
  // The pauses between the pieces are shorter than the pause after which an Escape counts as a key.
  screen.send('\u001b');
  screen.send('[');
  screen.send('B');
  await onto(screen, 'file-00002');
});

test('keys that are pressed before a folder has arrived count when it arrives', async t => {
  const {jangada} = await startJourney(t, {
    files: numbered(40, number => `folder-${number}/page.txt`),
  });
  const screen = jangada();
  await onto(screen, 'folder-00001/');
  screen.press('down', 'down', 'down');
  await onto(screen, 'folder-00004/');
  screen.press('right');
  await screen.waitFor(/▌ . page\.txt/);
  screen.press('left', 'down', 'down');
  const text = await screen.waitFor(/Files \/ [\s\S]* \d+ of 40 ─/);
  assert.equal(underCursor(text), 'folder-00006/');
});

test('with 20,000 entries, End and Home work at once, also while the entries arrive, and so does q', async t => {
  const {server, jangada} = await startJourney(t, {
    files: numbered(20_000, number => `file-${number}`),
  });
  const gate = await startGate(t, server);
  const screen = jangada([gate.address]);
  await screen.waitFor(/1 of 20,000 ─/);
  screen.press('end');
  await screen.waitFor(/ 20,000 of 20,000 [\s\S]*▌ . file-20000 /);
  screen.press('home');
  await screen.waitFor(/ 1 of 20,000 [\s\S]*▌ . file-00001 /);

  // Read the folder again, but let only half of it through.
  gate.shut();
  gate.allow(600_000);
  screen.type('r');
  await screen.waitFor(/ 1 of [\d,]{5,6} · reading…[\s\S]*▌ . file-\d+ /);
  await pressUntil(screen, 'end', / ([\d,]{5,6}) of \1 · reading…[\s\S]*▌ . file-\d+ /);
  await pressUntil(screen, 'home', / 1 of [\d,]{5,6} · reading…[\s\S]*▌ . file-\d+ /);
  screen.type('q');
  assert.equal((await screen.ended()).status, 0);
  screen.assertRestored();
});

/** Press a key, and press it again after each change of the screen, until the screen is as wanted. */
async function pressUntil(screen: Terminal, key: KeyName, wanted: RegExp): Promise<void> {
  let before = '';
  await screen.waitFor(text => {
    if (wanted.test(text)) {
      return true;
    }

    if (text !== before) {
      before = text;
      screen.press(key);
    }

    return false;
  });
}

test('help lists every key, scrolls, and closes', async t => {
  const {jangada} = await startJourney(t, {files: {'boat.txt': 'a raft'}, rows: 24, columns: 80});
  const screen = jangada();
  await screen.waitFor(/boat\.txt/);
  screen.type('?');
  await screen.waitFor(/╭─ Keys ─[\s\S]* → l Enter +open the folder[\s\S]*Esc closes/);
  screen.press('down', 'down');
  await screen.waitFor(
    text => !text.includes('open the folder') && text.includes('mark or unmark'),
  );
  screen.press('pagedown', 'pagedown', 'pagedown', 'pagedown', 'pagedown');
  await screen.waitFor(/With the mouse[\s\S]*Shift-drag +select text/);
  screen.press('escape');
  await screen.waitFor(text => !text.includes('Keys'));
  screen.press('f1');
  await screen.waitFor(/╭─ Keys ─/);
  // Help was scrolled to its end before, but opens at its beginning.
  await screen.waitFor(/open the folder/);
  screen.type('?');
  await screen.waitFor(text => !text.includes('Keys') && text.includes('boat.txt'));
});

test('help that was scrolled beyond its end moves back with the first key', async t => {
  const {jangada} = await startJourney(t, {files: {'boat.txt': 'a raft'}, rows: 24, columns: 80});
  const screen = jangada();
  await screen.waitFor(/boat\.txt/);
  screen.type('?');
  await screen.waitFor(/open the folder/);
  screen.send('\u001b[6~'.repeat(20));
  const end = await screen.waitFor(/Shift-drag/);
  screen.press('up');
  await screen.waitFor(text => text !== end);
});

test('a filter hides entries while it is typed; Enter keeps it, Esc removes it', async t => {
  const {jangada} = await startJourney(t, {
    files: {'Boat.txt': '', 'boat-house.txt': '', 'sea.txt': '', 'boats/sail.txt': ''},
  });
  const screen = jangada();
  await screen.waitFor(/1 of 4 ─/);
  screen.type('/');
  await screen.waitFor(/Filter: ▏/);
  screen.type('BOAT');
  const text = await screen.waitFor(/filter 'BOAT'[\s\S]* 1 of 3 · 1 not shown /);
  assert.doesNotMatch(text, /sea\.txt/);
  // Here q is a letter.
  screen.type('q');
  await screen.waitFor(/Nothing here has 'BOATq' in its name\. Press Esc to show all\./);
  screen.press('backspace', 'enter');
  await screen.waitFor(text => text.includes("filter 'BOAT'") && !text.includes('Filter:'));
  screen.press('escape');
  await screen.waitFor(/ of 4 ─[\s\S]*sea\.txt/);
  screen.press({text: '/sea'}, 'escape');
  await screen.waitFor(text => !text.includes('ilter:') && /of 4 ─/.test(text));
  screen.type('q');
  assert.equal((await screen.ended()).status, 0);
});

test('pasted text goes into the typed line, and nowhere else', async t => {
  const {jangada} = await startJourney(t, {files: {'boat.txt': '', 'sea.txt': ''}});
  const screen = jangada();
  await screen.waitFor(/1 of 2 ─/);
  screen.send('\u001b[200~q\r\u001b[201~');
  await screen.waitFor(/Pasted text is only taken where a line is typed\./);
  screen.type('/');
  await screen.waitFor(/Filter:/);
  screen.send('\u001b[200~se\u001b[201~');
  await screen.waitFor(/filter 'se'[\s\S]*▌ . sea\.txt/);
});

test('sorting by size, time and type, reversed and back, leaves the cursor on its entry', async t => {
  const {jangada} = await startJourney(t, {
    files: {'a.txt': 'x'.repeat(30), 'b.doc': 'x'.repeat(10), 'c.jpg': 'x'.repeat(20)},
  });
  const screen = jangada();
  const order = (text: string): string[] =>
    [...text.matchAll(/^│.{4}([abc]\.(?:txt|doc|jpg))/gm)].map(([, name]) => `${name}`);
  const inOrder = (...names: string[]) => screen.waitFor(text => `${order(text)}` === `${names}`);
  await inOrder('a.txt', 'b.doc', 'c.jpg');
  screen.type('s');
  await screen.waitFor(/Sort by[\s\S]*Name[\s\S]*Size[\s\S]*Time[\s\S]*Type[\s\S]*Reverse/);
  screen.type('s');
  await inOrder('b.doc', 'c.jpg', 'a.txt');
  await screen.waitFor(/Name +Size ▲/);
  screen.press('home');
  await onto(screen, 'b.doc');
  screen.type('sr');
  await inOrder('a.txt', 'c.jpg', 'b.doc');
  await onto(screen, 'b.doc');
  screen.type('sy');
  await inOrder('b.doc', 'c.jpg', 'a.txt');
  screen.type('s');
  await screen.waitFor(/Sort by/);
  screen.press('escape');
  await screen.waitFor(text => !text.includes('Sort by'));
  screen.type('sn');
  await inOrder('a.txt', 'b.doc', 'c.jpg');
  await onto(screen, 'b.doc');
});

test('hidden names are shown when the user asks for them', async t => {
  const {jangada} = await startJourney(t, {files: {'.hidden': '', 'boat.txt': ''}});
  const screen = jangada();
  await screen.waitFor(/1 of 1 · 1 not shown /);
  screen.type('.');
  await screen.waitFor(/ of 2 ─[\s\S]*\.hidden[\s\S]*boat\.txt/);
});
