import assert from 'node:assert/strict';
import {rmSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {noise, treeOf} from '../fixtures/harness.ts';
import type {Terminal} from '../fixtures/terminal.ts';
import {startGate} from './gate.ts';
import {MiB, startJourney} from './journey.ts';

/** The rows of the transfers: sign, name, and the priority if the row has one. */
function transferRows(text: string): string[] {
  const rows = text.split('\n');
  const first = rows.findIndex(row => row.includes(' Transfers '));
  return rows.slice(first + 1, -2).flatMap(row => {
    const [, sign, name, priority = ''] =
      /^│[▌ ](\S) (\S+\.bin) +(?:[▲▽] (high|low))?/.exec(row) ?? [];
    // The sign of a running transfer turns.
    const still = sign?.replace(/[◜◠◝◞◡◟]/, '↓');
    return still === undefined ? [] : [`${still} ${name}${priority === '' ? '' : ` ${priority}`}`];
  });
}

function waitForRows(screen: Terminal, rows: readonly string[]): Promise<string> {
  return screen.waitFor(text => transferRows(text).join('|') === rows.join('|'));
}

test('transfers that were moved, raised and lowered run in the order of the list', async t => {
  const names = ['a.bin', 'b.bin', 'c.bin', 'd.bin', 'e.bin'];
  const {root, target, server, jangada} = await startJourney(t, {
    files: Object.fromEntries(names.map((name, index) => [name, noise(3 * MiB, index + 1)])),
  });
  const gate = await startGate(t, server);
  const screen = jangada([gate.address, '--connections', '1']);
  await screen.waitFor(/1 of 5 ─/);
  gate.shut();
  gate.allow(1.5 * MiB);
  screen.type('ad');
  await screen.waitFor(/[◜◠◝◞◡◟] a\.bin .* 49 %/);
  screen.type('3G');
  await screen.waitFor(/▌· e\.bin/);
  screen.type('KK');
  await waitForRows(screen, ['↓ a.bin', '· b.bin', '· e.bin', '· c.bin', '· d.bin']);
  screen.type('J');
  await waitForRows(screen, ['↓ a.bin', '· b.bin', '· c.bin', '· e.bin', '· d.bin']);
  screen.type('+');
  await waitForRows(screen, ['↓ a.bin', '· e.bin high', '· b.bin', '· c.bin', '· d.bin']);
  screen.type('jj-');
  await waitForRows(screen, ['↓ a.bin', '· e.bin high', '· b.bin', '· d.bin', '· c.bin low']);
  // The cursor moved with the row.
  screen.type('kp');
  await waitForRows(screen, ['↓ a.bin', '‖ d.bin', '· e.bin high', '· b.bin', '· c.bin low']);

  // The gate lets one file at a time through, which shows which one runs.
  gate.allow(3 * MiB);
  await waitForRows(screen, ['↓ e.bin high', '‖ d.bin', '· b.bin', '· c.bin low', '✓ a.bin']);
  gate.allow(3 * MiB);
  await waitForRows(screen, ['↓ b.bin', '‖ d.bin', '· c.bin low', '✓ e.bin', '✓ a.bin']);
  gate.allow(3 * MiB);
  await waitForRows(screen, ['↓ c.bin low', '‖ d.bin', '✓ e.bin', '✓ a.bin', '✓ b.bin']);
  screen.type('p');
  gate.open();
  await waitForRows(screen, ['✓ e.bin', '✓ a.bin', '✓ b.bin', '✓ d.bin', '✓ c.bin']);
  assert.deepEqual(treeOf(target), treeOf(root));
});

test('R tries one transfer again, A all failed ones, and c clears the done ones', async t => {
  const {keep, root, target, jangada} = await startJourney(t, {
    files: {'a.bin': 'a', 'b.bin': 'b', 'c.bin': 'c', 'd.bin': 'd'},
  });
  for (const name of ['a.bin', 'b.bin', 'c.bin']) {
    keep(`${name}/in the way`, 'x');
  }

  const screen = jangada();
  await screen.waitFor(/1 of 4 ─/);
  screen.type('ad');
  await waitForRows(screen, ['✗ a.bin', '✗ b.bin', '✗ c.bin', '✓ d.bin']);
  for (const name of ['a.bin', 'b.bin', 'c.bin']) {
    rmSync(join(target, name), {recursive: true});
  }

  screen.type('3gR');
  await waitForRows(screen, ['✗ b.bin', '✗ c.bin', '✓ a.bin', '✓ d.bin']);
  screen.type('A');
  await screen.waitFor(/Queued again: 2 transfers\./);
  await waitForRows(screen, ['✓ a.bin', '✓ b.bin', '✓ c.bin', '✓ d.bin']);
  assert.deepEqual(treeOf(target), treeOf(root));
  screen.type('A');
  await screen.waitFor(/Nothing has failed\./);
  screen.type('c');
  await screen.waitFor(/Nothing is queued\./);
});

test('limits that are changed during downloads count at once, from the screen and from the command line', async t => {
  const names = ['a.bin', 'b.bin', 'c.bin'];
  const {root, target, server, jangada} = await startJourney(t, {
    files: Object.fromEntries(names.map((name, index) => [name, noise(5 * MiB, index + 1)])),
  });
  // At this rate the files would take most of an hour.
  const screen = jangada([server.address, '--connections', '1', '--limit', '5k']);
  await screen.waitFor(/1 of 3 ─/);
  screen.type('ad');
  await screen.waitFor(/limit 5 kB\/s {2}0 of 3 · 0 %/);
  screen.type('L');
  await screen.waitFor(
    /Files at once: 1[\s\S]*Connections for one file: 1[\s\S]*Speed in all: 5 kB/,
  );
  screen.type('f');
  await screen.waitFor(/Files at once: ▏.*now 1; a number/);
  screen.press({text: '20'}, 'enter');
  await screen.waitFor(/Files at once: 20▏ +'20' is invalid: type a number from 1 to 16\./);
  screen.press('backspace', 'enter');
  await screen.waitFor(
    /limit 5 kB\/s {2}0 of 3 · 0 %[\s\S]*2 run · 1 wait[\s\S]*Files at once: 2\./,
  );

  // A limit that was set counts for all processes. The limits of the command line count only for this one.
  const shown = jangada(['queue', 'limits', '--json']);
  await shown.waitFor(/"status":0,"files":2,"connectionsPerFile":4,"bytesPerSecond":null\}/);
  const set = jangada(['queue', 'limits', '--limit', '6k', '--files', '3']);
  await set.waitFor(/3 files at once, 4 connections for a large one, 6 kB\/s/);
  await screen.waitFor(/limit 6 kB\/s {2}0 of 3[\s\S]*3 run/);

  screen.type('Ls');
  await screen.waitFor(/Speed in all: ▏.*now 6k; /);
  screen.press({text: 'none'}, 'enter');
  const text = await screen.waitFor(/3 done/);
  assert.doesNotMatch(text, /limit \d/);
  assert.deepEqual(treeOf(target), treeOf(root));
  // The new limit counts for the next files, and after the next start, too.
  screen.type('cLs');
  await screen.waitFor(/Speed in all: ▏.*now none; /);
  screen.press({text: '7k'}, 'enter');
  await screen.waitFor(/limit 7 kB\/s {2}idle/);
  screen.type('q');
  assert.equal((await screen.ended()).status, 0);
  const next = jangada([server.address]);
  await next.waitFor(/limit 7 kB\/s {2}idle/);
});

test('a small screen shows and changes the limits, too', async t => {
  const {jangada} = await startJourney(t, {files: {'a.bin': 'a'}, columns: 40, rows: 12});
  const screen = jangada();
  await screen.waitFor(/a\.bin/);
  screen.type('L');
  await screen.waitFor(
    /Files at once: 4[\s\S]*Connections for one file: 4[\s\S]*Speed in all: no limit/,
  );
  screen.type('s');
  await screen.waitFor(/Speed in all: ▏/);
  screen.press({text: 'nonex'}, 'enter');
  await screen.waitFor(/nonex▏ +'nonex' is invalid/);
  screen.press('escape');
  await screen.waitFor(/Speed in all: no limit/);
  screen.press('escape');
  await screen.waitFor(text => !text.includes('Speed in all'));
});
