import assert from 'node:assert/strict';
import {randomBytes} from 'node:crypto';
import {suite, test} from 'node:test';
import {MiB, startJourney} from './journey.ts';

const files = {'long.bin': randomBytes(3 * MiB), 'a.txt': 'aaa'};
const server = {limit: MiB / 8};

suite('the details of a transfer', () => {
  for (const size of [
    {columns: 120, rows: 40},
    {columns: 80, rows: 24},
    {columns: 60, rows: 15},
  ]) {
    test(`open with Enter and with two clicks, change with the transfer, and have keys, at ${size.columns} x ${size.rows}`, async t => {
      const {jangada} = await startJourney(t, {files, server, ...size});
      const screen = jangada();
      await screen.waitFor(/long\.bin/);
      screen.type(' \u001b[B d3');
      await screen.waitFor(/▌.*long\.bin.*%[\s\S]*✓ a\.txt/);
      screen.press('enter');
      const text = await screen.waitFor(/It is being fetched\. p pauses it/);
      assert.match(text, /╭─ long\.bin ─/);
      assert.match(text, /from {6}127\.0\.0\.1:\d+\/long\.bin/);
      assert.match(text, /size {6}3\.15 MB \(3,145,728 B\)/);
      assert.match(text, /queued {4}today \d\d:\d\d/);
      const percentAt = (screenText: string) => Number(/received .* (\d+) %/.exec(screenText)?.[1]);
      const before = percentAt(text);
      await screen.waitFor(now => percentAt(now) > before);
      screen.type('p');
      await screen.waitFor(/It is paused\. p continues it\./);
      screen.press('down');
      await screen.waitFor(/╭─ a\.txt ─[\s\S]*It is here, and every block was checked\./);
      await screen.waitFor(/here now {2}the same: every block was/);
      screen.press('up');
      await screen.waitFor(/╭─ long\.bin ─/);
      screen.type('x');
      await screen.waitFor(/Cancel long\.bin\?/);
      screen.press('escape');
      await screen.waitFor(now => !now.includes('Cancel long') && now.includes('It is paused.'));
      screen.type('z');
      await screen.waitFor(/z does nothing here/);
      screen.press('escape');
      await screen.waitFor(now => !now.includes('saved as'));
      screen.clickOn('✓ a.txt', 2);
      await screen.waitFor(/╭─ a\.txt ─[\s\S]*saved as/);
      screen.click(3, 3);
      await screen.waitFor(now => !now.includes('saved as'));
      screen.press('enter');
      await screen.waitFor(/saved as/);
      screen.type('1');
      await screen.waitFor(now => !now.includes('saved as') && now.includes('Name ▲'));
      screen.type('qq');
      await screen.ended();
      screen.assertRestored();
    });
  }
});
