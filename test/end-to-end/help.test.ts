import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import {startJourney} from './journey.ts';

const files = {'boat.txt': 'a raft'};

suite('the help page', () => {
  for (const size of [
    {columns: 120, rows: 40},
    {columns: 80, rows: 24},
    {columns: 60, rows: 15},
  ]) {
    test(`searches while the user types; Esc first ends the search, then the page, at ${size.columns} x ${size.rows}`, async t => {
      const {jangada} = await startJourney(t, {files, ...size});
      const screen = jangada();
      await screen.waitFor(/boat\.txt/);
      screen.type('3?');
      await screen.waitFor(/╭─ Keys ─[\s\S]*│ In the transfers .*\n[\s\S]* p +pause, or go on/);
      screen.type('/bookmarks');
      await screen.waitFor(/Keys with 'bookmarks'[\s\S]* b +servers: recent, bookmarks/);
      assert.match(screen.text, /Search the keys: bookmarks/);
      assert.doesNotMatch(screen.text, /pause, or go on/);
      screen.press('enter');
      await screen.waitFor(text => !text.includes('Search the keys') && text.includes('Keys with'));
      screen.press('escape');
      await screen.waitFor(/╭─ Keys ─[\s\S]*pause, or go on/);
      screen.type('/zzz');
      await screen.waitFor(/No key matches\. Esc shows all\./);
      screen.press('escape');
      await screen.waitFor(/pause, or go on/);
      screen.press('escape');
      await screen.waitFor(text => !text.includes('Keys') && text.includes('q quit'));
      screen.type('q');
      assert.equal((await screen.ended()).status, 0);
      screen.assertRestored();
    });
  }

  test('scrolls with every move key, and with the wheel', async t => {
    const {jangada} = await startJourney(t, {files, columns: 60, rows: 15});
    const screen = jangada();
    await screen.waitFor(/boat\.txt/);
    screen.type('?');
    const top = await screen.waitFor(/Keys[\s\S]*open the folder/);
    const bottom = /Shift-drag/;
    for (const [there, back] of [
      ['G', 'g'],
      ['\u001b[F', '\u001b[H'],
      ['\u001b[6~'.repeat(9), '\u001b[5~'.repeat(9)],
      ['\u0004'.repeat(16), '\u0015'.repeat(16)],
      ['j'.repeat(80), 'k'.repeat(80)],
      ['\u001b[B'.repeat(80), '\u001b[A'.repeat(80)],
    ] as const) {
      screen.type(there);
      await screen.waitFor(bottom);
      screen.type(back);
      await screen.waitFor(text => text === top);
    }

    screen.wheel(20, 8, 30);
    await screen.waitFor(bottom);
    screen.wheel(20, 8, -30);
    await screen.waitFor(text => text === top);
  });

  test('a key without a meaning says so once, and help stays open', async t => {
    const {jangada} = await startJourney(t, {files});
    const screen = jangada();
    await screen.waitFor(/boat\.txt/);
    screen.type('?d');
    await screen.waitFor(/Keys[\s\S]*d does nothing here\. \/ searches, Esc closes this\./);
  });

  test('has the configured keys, and no mouse if the terminal keeps the mouse', async t => {
    const config = '{"keys": {"filter": ["F"], "download": ["D"], "help": ["H"]}, "mouse": false}';
    const {jangada} = await startJourney(t, {files, config});
    const screen = jangada();
    await screen.waitFor(/boat\.txt/);
    screen.type('H');
    const text = await screen.waitFor(/ D +download marked entries[\s\S]*F searches, Esc closes/);
    assert.doesNotMatch(text, /mouse/);
    screen.type('Fmarked');
    await screen.waitFor(/Keys with 'marked'[\s\S]* D +download marked entries/);
  });
});
