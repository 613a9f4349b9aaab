import assert from 'node:assert/strict';
import {test} from 'node:test';
import {startJourney} from './journey.ts';

const files = {'a.txt': 'a', 'b.txt': 'b'};

for (const size of [
  {columns: 120, rows: 40},
  {columns: 80, rows: 24},
  {columns: 60, rows: 15},
]) {
  const name = `${size.columns} × ${size.rows}`;
  test(`configured keys work, and the footer and the help page show them, at ${name}`, async t => {
    const config = '{"keys": {"download": ["D"], "help": ["H"], "quit": ["Q"],},}';
    const {jangada, saved} = await startJourney(t, {files, config, ...size});
    const terminal = jangada();
    await terminal.waitFor(/a\.txt[\s\S]* H help {2}Q quit/);
    terminal.type('d');
    await terminal.waitFor(/d does nothing here/);
    terminal.type('D');
    await terminal.waitFor(/1 done|verified/);
    assert.equal(saved('a.txt')?.toString(), 'a');
    terminal.type('H');
    await terminal.waitFor(/Keys/);
    terminal.press('escape');
    await terminal.waitFor(text => !text.includes('Esc closes'));
    terminal.type('Q');
    const {status} = await terminal.ended();
    assert.equal(status, 0);
    terminal.assertRestored();
  });
}

test('a key for two actions is reported with its line, and the other keys count', async t => {
  const config = '{\n"keys": {\n"sort": ["v"],\n"help": ["H"]\n}\n}';
  const {jangada} = await startJourney(t, {files, config});
  const terminal = jangada();
  await terminal.waitFor(/config\.json, line 3: "keys\.sort" cannot have "v": "verify" has it/);
  terminal.type('H');
  await terminal.waitFor(/Esc closes/);
});

test('dates, sizes, notices in the window title and the answer about existing files are as configured', async t => {
  const config = `{
    "dates": "iso", // as in lists
    "sizes": "binary",
    "notices": {"title": false},
    "onConflict": "overwrite",
  }`;
  const content = 'x'.repeat(2048);
  const {jangada, keep, saved} = await startJourney(t, {files: {'a.bin': content}, config});
  keep('a.bin', 'old');
  const terminal = jangada();
  await terminal.waitFor(/a\.bin +2 KiB {2}\d{4}-\d\d-\d\d \d\d:\d\d /);
  terminal.type('d');
  await terminal.waitFor(/1 done/);
  assert.equal(saved('a.bin')?.toString(), content);
  terminal.type('q');
  await terminal.ended();
  assert.ok(!terminal.written.includes('\u001b]2;'));
  terminal.assertRestored();
});
