import assert from 'node:assert/strict';
import {readdirSync, utimesSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {treeOf} from '../fixtures/harness.ts';
import {startJourney} from './journey.ts';

// Only Linux allows all bytes except `/` and NUL in names.
const skip = process.platform !== 'linux' && 'other systems have no such names';

/** The bytes of a name, its visible part, and the part that must never reach the terminal. */
const names: ReadonlyArray<[name: Buffer, seen: string, never: string]> = [
  [Buffer.from('01 \u001b]0;owned\u0007 title'), '01 \\x1b]0;owned\\x07 title', ']0;owned\u0007'],
  [Buffer.from('02 \u001b[31;5mred'), '02 \\x1b[31;5mred', '\u001b[31;5m'],
  [Buffer.from('03 one\ntwo'), '03 one\\x0atwo', 'one\ntwo'],
  [Buffer.from('04 \u202egpj.exe'), '04 \\u{202e}gpj.exe', '\u202e'],
  [Buffer.from('05 caf\xe9.txt', 'latin1'), '05 caf\\xe9.txt', '\ufffd'],
  [Buffer.from('06 \u009b2Jclear'), '06 \\x9b2Jclear', '\u009b'],
  [
    Buffer.from('07 \u001b]52;c;b3duZWQ=\u0007'),
    '07 \\x1b]52;c;b3duZWQ=\\x07',
    ']52;c;b3duZWQ=\u0007',
  ],
  [Buffer.from('08 back\b\rover\ttab'), '08 back\\x08\\x0dover\\x09tab', '\b'],
  [Buffer.from('09 \u001bP1$r\u001b\\'), '09 \\x1bP1$r\\x1b\\', '\u001bP'],
  [Buffer.from('10 \u2066hidden\u200b'), '10 \\u{2066}hidden\\u{200b}', '\u2066'],
];

function writeNames(root: string): void {
  for (const [name] of names) {
    writeFileSync(Buffer.concat([Buffer.from(`${root}/`), name]), 'content');
  }
}

/** Sequences that the interface itself sends: cursor, colours, erasing, modes, keyboard, title, background query. */
const known =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the test searches for control characters
  /\u001b\[(?:\d*[ABCDEFGJK]|\d*(?:;\d*)?H|[\d;:]*m|\?(?:25|1000|1004|1006|1049|2004|2026)[hl]|\?u|[<>]\d*u|2[23];0t)|\u001b\]11;\?\u001b\\|\u001b\]2;[^\u0000-\u001f\u007f-\u009f]*\u001b\\/g;

/** @throws if anything but these sequences, text and line ends reached the terminal. */
function assertHarmless(written: string): void {
  const rest = written.replaceAll(known, '').replaceAll(/\r?\n|\r/g, '');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the test searches for control characters
  assert.doesNotMatch(rest, /[\u0000-\u001f\u007f-\u009f\u200b\u202a-\u202e\u2066-\u2069]/u);
  for (const [, seen, never] of names) {
    assert.ok(!written.includes(never), `${seen} came raw`);
  }
}

test('names with control sequences are shown as escapes, everywhere', {skip}, async t => {
  const {root, target, jangada} = await startJourney(t);
  writeNames(root);
  const screen = jangada();
  const text = await screen.waitFor(/1 of 10 ─/);
  for (const [, seen] of names) {
    assert.ok(text.includes(` ${seen} `), `${seen} in\n${text}`);
  }

  // The frames are still whole.
  assert.ok(screen.rows.slice(2, 23).every(row => /^│.*│$/.test(row) && row.length === 120));

  // In messages, the verifier, the transfers and questions.
  screen.press('right');
  await screen.waitFor(/01 \\x1b\]0;owned\\x07 title is not a folder\./);
  screen.type('v');
  await screen.waitFor(/There is no copy of 01 \\x1b\]0;owned\\x07/);
  screen.type('ad');
  await screen.waitFor(/10 done/);
  screen.type('3');
  const done = await screen.waitFor(/✓ 02 \\x1b\[31;5mred +verified/);
  assert.match(done, /✓ 05 caf\\xe9\.txt +verified/);
  assert.equal(readdirSync(target).length, names.length);
  screen.type('g\r');
  await screen.waitFor(
    /─ 01 \\x1b\]0;owned\\x07 title ─[\s\S]*from .*\/01 \\x1b\]0;owned\\x07 title[\s\S]*saved as .*\/01 \\x1b/,
  );
  screen.type('\r1');
  await screen.waitFor(text => !text.includes('saved as'));
  const [first] = names[0] ?? assert.fail();
  // The screen asks about a copy whose time was changed.
  utimesSync(Buffer.concat([Buffer.from(`${target}/`), first]), 1, 1);
  screen.type('ad');
  await screen.waitFor(/Here already: 01 \\x1b\]0;owned\\x07 title/);
  screen.press('escape');
  await screen.waitFor(/Stopped/);
  screen.type('v');
  // In the list of compared files.
  await screen.waitFor(/✓ 10 same[\s\S]*✓ same +05 caf\\xe9\.txt/);
  screen.press({text: '\\'}, 'down', 'down', 'down', 'down', {text: 'v'});
  await screen.waitFor(/Verifier 05 caf\\xe9\.txt[\s\S]*✓ same/);

  // In typed and pasted text.
  screen.type('/');
  await screen.waitFor(/Filter:/);
  screen.send('\u001b[200~\u202e\u001b[201~');
  await screen.waitFor(/1 of 1 · 9 not shown[\s\S]*Filter: \\u\{202e\}/);
  screen.press('escape', {text: 'q'});
  assert.equal((await screen.ended()).status, 0);
  assertHarmless(screen.written);
});

test('a folder with such a name can be opened and left', {skip}, async t => {
  const {jangada} = await startJourney(t, {
    files: {'\u001b]0;owned\u0007/page.txt': 'x', 'z.txt': ''},
  });
  const screen = jangada();
  await screen.waitFor(/1 of 2 ─/);
  screen.press('right');
  await screen.waitFor(/Files \/\\x1b\]0;owned\\x07 [\s\S]*page\.txt/);
  screen.press('left');
  await screen.waitFor(/▌ . \\x1b\]0;owned\\x07\//);
  assertHarmless(screen.written);
});

test('mget finds every file, also with line ends in its name', {skip}, async t => {
  const {root, target, jangada} = await startJourney(t, {
    files: {'folder\n/a\rb': 'x', 'folder\n/\u2028': 'y', '\n': 'z'},
  });
  const screen = jangada(['mget', '**']);
  assert.equal((await screen.ended()).status, 0);
  assert.deepEqual(treeOf(target), treeOf(root));
});

test('commands in a terminal show such names as escapes, too', {skip}, async t => {
  const {root, target, jangada} = await startJourney(t);
  writeNames(root);
  // On a narrower terminal the emulator would break some lines in two.
  const list = jangada(['list'], {columns: 160});
  assert.equal((await list.ended()).status, 0);
  for (const [, seen] of names) {
    assert.ok(list.text.includes(seen), `${seen} in\n${list.text}`);
  }

  const mget = jangada(['mget', '**']);
  assert.equal((await mget.ended()).status, 0);
  writeFileSync(join(target, '01 \u001b]0;owned\u0007 title'), 'other');
  const again = jangada(['mget', '**', '--on-conflict', 'ask']);
  await again.waitFor(/\d\d \S*\\\S+.* exists .* s\?/);
  again.press('ctrl-c');
  assert.equal((await again.ended()).status, 130);
  const verify = jangada(['verify', '01 \u001b]0;owned\u0007 title']);
  assert.equal((await verify.ended()).status, 5);
  assert.match(verify.text, /01 \\x1b\]0;owned\\x07 title/);
  for (const {written} of [list, mget, again, verify]) {
    assertHarmless(written);
  }
});
