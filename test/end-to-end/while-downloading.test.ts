import assert from 'node:assert/strict';
import {type TestContext, test} from 'node:test';
import {noise} from '../fixtures/harness.ts';
import type {Terminal} from '../fixtures/terminal.ts';
import {type Gate, startGate} from './gate.ts';
import {MiB, startJourney} from './journey.ts';
import {isStraight} from './straight.ts';

const sizes = [
  {columns: 120, rows: 40},
  {columns: 80, rows: 24},
  {columns: 60, rows: 15},
] as const;

const content = noise(8 * MiB);
const names = Array.from({length: 90}, (_, index) => `f${100 + index}`);
const files = {...Object.fromEntries(names.map(name => [name, name])), 'z.bin': content};

for (const size of sizes) {
  const at = `at ${size.columns} x ${size.rows}`;

  test(`a key that is held during a download moves as often as the terminal sends it, ${at}`, async t => {
    const stage = await startDownload(t, size);
    const {screen} = stage;
    // Thirty times a second, as a keyboard repeats.
    await repeatedly(t, 33, 30, () => {
      screen.press('up');
      stage.allow(MiB / 32);
    });
    await screen.waitFor(/▌ . f157 /);
    await assertUnderWay(screen);
    await endDownload(stage, size);
  });

  test(`many changes of size during a download leave the screen whole, ${at}`, async t => {
    const stage = await startDownload(t, size);
    const {screen} = stage;
    let turn = 0;
    await repeatedly(t, 40, 25, () => {
      turn++;
      screen.resize(36 + ((turn * 37) % 140), 8 + ((turn * 23) % 50));
      stage.allow(MiB / 32);
    });
    screen.resize(size.columns, size.rows);
    await screen.waitFor(/▌ . z\.bin /);
    await assertUnderWay(screen);
    await endDownload(stage, size);
  });
}

type Stage = {
  readonly screen: Terminal;
  /** `allow` lets this many more bytes through; `open` lets everything through. */
  readonly allow: Gate['allow'];
  readonly open: Gate['open'];
  readonly saved: (name: string) => Buffer | undefined;
};

/** Start a program and fetch a part of a file. The cursor is on the file. */
async function startDownload(t: TestContext, size: (typeof sizes)[number]): Promise<Stage> {
  const {server, jangada, saved} = await startJourney(t, {...size, files});
  const {address, allow, open, shut} = await startGate(t, server);
  const screen = jangada([address]);
  await screen.waitFor(/1 of 91 /);
  screen.press('end');
  await screen.waitFor(/▌ . z\.bin /);
  shut();
  screen.type('d');
  allow(1.5 * MiB);
  await screen.waitFor(/z\.bin .*↓ [1-9]\d? %/);
  return {screen, allow, open, saved};
}

async function assertUnderWay(screen: Terminal): Promise<void> {
  const text = await screen.waitFor(/ (\d+) %/);
  assert.doesNotMatch(text, /1 done| 100 %/);
}

/** Let the rest through. Check that every byte is right, and that the screen is the same when it is drawn again. */
async function endDownload({screen, open, saved}: Stage, {columns, rows}: (typeof sizes)[number]) {
  open();
  screen.press('end');
  await screen.waitFor(() => saved('z.bin')?.equals(content) === true);
  const isWhole = (text: string) =>
    [/ idle\n/, / z\.bin .*✓ same/, /q quit/].every(wanted => wanted.test(text)) &&
    isStraight(screen, columns, rows);
  // Without the lines at the bottom, because a message there shows its age.
  const panes = (text: string) => text.split('\n').slice(0, -2).join('\n');
  const before = panes(await screen.waitFor(isWhole));
  screen.resize(columns - 1, rows);
  await screen.waitFor(text => panes(text) !== before);
  screen.resize(columns, rows);
  await screen.waitFor(text => panes(text) === before);
  screen.type('q');
  assert.equal((await screen.ended()).status, 0);
  screen.assertRestored();
}

/** Call `act` `times` times, every `everyMs` milliseconds. Resolves after the last call. */
function repeatedly(
  t: TestContext,
  times: number,
  everyMs: number,
  act: () => void,
): Promise<void> {
  return new Promise(resolve => {
    let left = times;
    const timer = setInterval(() => {
      act();
      if (--left === 0) {
        clearInterval(timer);
        resolve();
      }
    }, everyMs);
    t.after(() => clearInterval(timer));
  });
}
