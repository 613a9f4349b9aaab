import assert from 'node:assert/strict';
import {rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {startServer} from '../../server/server.ts';
import {noise} from '../fixtures/harness.ts';
import type {Terminal} from '../fixtures/terminal.ts';
import {MiB, startJourney} from './journey.ts';

const environment = {INK_SCREEN_READER: 'true'};

/** The printed sentences, one a line. */
function told(terminal: Terminal): string[] {
  return terminal.written.replaceAll(pasteMarks, '').split('\r\n');
}

/** The sequences that switch bracketed paste on and off. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the test searches for control characters
const pasteMarks = /\u001b\[\?2004[hl]/g;

/** Wait for a sentence that matches, from the index `from` on. @returns the index after it. */
async function hears(terminal: Terminal, sentence: RegExp, from = 0): Promise<number> {
  let at = -1;
  await terminal.waitFor(() => {
    at = told(terminal).findIndex((line, index) => index >= from && sentence.test(line));
    return at !== -1;
  });
  return at + 1;
}

/** @throws if anything but text, line ends and the sequences of bracketed paste was printed. */
function assertPlain(written: string, hasPastes: boolean): void {
  const rest = written.replaceAll(pasteMarks, '');
  assert.equal(rest !== written, hasPastes);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the test searches for control characters
  assert.doesNotMatch(rest.replaceAll('\r\n', ''), /[\u0000-\u001f\u007f-\u009f\u2500-\u25ff]/u);
}

test('a file can be found, marked, fetched, verified and repaired by sentences alone', async t => {
  const content = noise(4 * MiB);
  const {server, root, target, jangada, saved} = await startJourney(t, {
    files: {'fotos/boat.bin': content, 'fotos/sea.txt': 'salt', 'notes.txt': 'rain'},
    environment,
  });
  const host = server.address.replace('jangada://', '').replace(/\/$/, '');
  const reader = jangada();
  let at = await hears(reader, /^Jangada: \? question mark lists the keys, q quits\.$/);
  at = await hears(reader, new RegExp(`^Top folder of ${host}, 2 entries, sorted by name\\.$`), at);
  at = await hears(reader, /^fotos, folder, changed today \d\d:\d\d\. 1 of 2\.$/, at);
  reader.press('enter');
  at = await hears(
    reader,
    new RegExp(`^Folder fotos of ${host}, 2 entries, sorted by name\\.$`),
    at,
  );
  at = await hears(reader, /^boat\.bin, 4\.19 MB, changed today \d\d:\d\d\. 1 of 2\.$/, at);
  reader.press('space');
  at = await hears(reader, /^Marked: 1 file, 4\.19 MB\.$/, at);
  at = await hears(reader, /^sea\.txt, 4 B, .* 2 of 2\.$/, at);
  reader.type('d');
  at = await hears(reader, /^boat\.bin: verified\.$/, at);
  at = await hears(reader, /^Nothing runs any more: 1 done\.$/, at);
  const copy = 'fotos/boat.bin';
  assert.ok(saved(copy)?.equals(content));

  // Damage the copy.
  const spoilt = Buffer.from(content);
  spoilt.fill(0, 2 * MiB, 2 * MiB + 9);
  writeFileSync(join(target, copy), spoilt);
  reader.type('kv');
  at = await hears(
    reader,
    /^boat\.bin differs: 3 blocks good, 1 bad\. R repairs it: fetches 1 block, keeps 3\.$/,
    at,
  );
  at = await hears(reader, /^The first difference is at byte 2,097,152\.$/, at);
  reader.type('2R');
  at = await hears(reader, /^boat\.bin is the same as on the server now: /, at);
  assert.ok(saved(copy)?.equals(content));

  // The program asks about a file that exists already.
  writeFileSync(join(target, copy), 'another one');
  reader.type('1d');
  at = await hears(reader, /^Here already: .*boat\.bin/, at);
  at = await hears(reader, /^o: Overwrite, /, at);
  at = await hears(reader, /^Answer with one of the keys .*Escape goes back\.$/, at);
  reader.type('o');
  at = await hears(reader, /^boat\.bin: verified\.$/, at);

  reader.type('/');
  at = await hears(reader, /^Filter: /, at);
  reader.type('sea');
  at = await hears(reader, /^Filter: sea$/, at);
  reader.press('backspace', 'enter');
  at = await hears(reader, /^sea\.txt, .* 1 of 1\.$/, at);
  reader.type('3');
  at = await hears(reader, /^Pane 3, Transfers, saved in .*: \d done\.$/, at);
  rmSync(root, {recursive: true});
  reader.type('?');
  at = await hears(reader, /^Space, Insert: mark or unmark\.$/, at);
  reader.press('escape');
  reader.type('q');
  at = await hears(reader, /^Jangada has ended\.$/, at);
  assert.equal((await reader.ended()).status, 0);
  reader.assertRestored();
  assertPlain(reader.written, true);
});

test('only the last row that the cursor passes is spoken, and so are a lost connection and its return', async t => {
  const names = Array.from({length: 40}, (_, index) => [`f${index + 10}.txt`, 'x']);
  const {server, jangada, root} = await startJourney(t, {
    files: Object.fromEntries(names),
    environment,
  });
  const reader = jangada();
  let at = await hears(reader, /^f10\.txt, .* 1 of 40\.$/);
  reader.type('j'.repeat(20));
  at = await hears(reader, /^f30\.txt, .* 21 of 40\.$/, at);
  assert.equal(told(reader).filter(line => /^f\d\d\.txt, /.test(line)).length, 2);
  await server.close({graceMs: 0});
  at = await hears(
    reader,
    /^No connection: .* jangada tries again until the server is back\.$/,
    at,
  );
  const port = Number(/:(\d+)/.exec(server.address.replace('jangada://', ''))?.[1]);
  const again = await startServer({root, port});
  t.after(() => again.close({graceMs: 0}));
  await hears(reader, /^Connected again\.$/, at);
});

test('a terminal that cannot draw gets a message about it, and the sentences', async t => {
  const {jangada} = await startJourney(t, {
    files: {'a.txt': 'a'},
    environment: {TERM: 'dumb'},
  });
  const dumb = jangada();
  let at = await hears(dumb, /^This terminal cannot show the full screen \(TERM=dumb\): /);
  at = await hears(dumb, /^a\.txt, 1 B, /, at);
  dumb.press('ctrl-c');
  await hears(dumb, /^Jangada has ended\.$/, at);
  assert.equal((await dumb.ended()).status, 0);
  assertPlain(dumb.written, false);
});

test('the option and the setting switch sentences on, too, and a variable switches them off', async t => {
  const {jangada, server} = await startJourney(t, {
    files: {'a.txt': 'a'},
    config: '{"screenReader": true}',
  });
  await hears(jangada(), /^a\.txt, 1 B, /);
  const drawn = jangada(undefined, {environment: {INK_SCREEN_READER: 'false'}});
  await drawn.waitFor(/1 of 1 ─/);
  assert.ok(drawn.isFullScreen);
  await hears(
    jangada([server.address, '--screen-reader'], {environment: {INK_SCREEN_READER: 'false'}}),
    /^a\.txt, 1 B, /,
  );
});

test('a command has no bars if a variable or a setting switches sentences on', async t => {
  const {jangada, saved} = await startJourney(t, {
    files: {'a.bin': noise(3 * MiB), 'b.bin': noise(3 * MiB)},
    config: '{"screenReader": true}',
  });
  const bySetting = jangada(['sget', 'a.bin']);
  assert.equal((await bySetting.ended()).status, 0);
  const byVariable = jangada(['mget', 'b.*'], {environment});
  assert.equal((await byVariable.ended()).status, 0);
  for (const command of [bySetting, byVariable]) {
    assertPlain(command.written, false);
    assert.match(command.text, /\d\.\d+ MB/);
  }

  assert.ok(saved('a.bin') !== undefined && saved('b.bin') !== undefined);
});

test('control sequences in names do not reach the terminal in sentences', {
  skip: process.platform !== 'linux' && 'other systems have no such names',
}, async t => {
  const {jangada} = await startJourney(t, {
    files: {'x\u001b]0;owned\u0007\u202e\ny': 'a'},
    environment,
  });
  const reader = jangada();
  await hears(reader, /^x\\x1b\]0;owned\\x07\\u\{202e\}\\x0ay, 1 B, /);
  reader.type('d');
  await hears(reader, /^x\\x1b\]0;owned\\x07\\u\{202e\}\\x0ay: verified\.$/);
  reader.type('q');
  await reader.ended();
  assertPlain(reader.written, true);
});

for (const signal of ['SIGTERM', 'SIGHUP'] as const) {
  test(`${signal} gives the keys back to the terminal`, {
    skip: process.platform === 'win32' && 'there are no such signals',
  }, async t => {
    const {jangada} = await startJourney(t, {files: {'a.txt': 'a'}, environment});
    const reader = jangada();
    await hears(reader, /^a\.txt, 1 B, /);
    reader.kill(signal);
    assert.notEqual((await reader.ended()).signal, 0);
    reader.assertRestored();
  });
}
