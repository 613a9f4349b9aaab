/** The keys of the transfers pane, and the keys of all panes, pressed in the transfers pane. */
import assert from 'node:assert/strict';
import {rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import type {TestContext} from 'node:test';
import type {Size} from '../../../source/tui/model/layout.ts';
import {noise} from '../../fixtures/harness.ts';
import {MiB, startJourney} from '../journey.ts';
import {cursorOn, type KeyRow, type KeyTable, type Stage, without} from './key-table.ts';
import {moveRows, numberedFiles} from './move-rows.ts';
import {sharedRows} from './shared-rows.ts';

/** Queue all of `files` behind `a.bin`, which runs while the others wait. */
async function openQueue(
  t: TestContext,
  size: Size,
  files: Readonly<Record<string, Uint8Array | string>>,
): Promise<Stage> {
  const journey = await startJourney(t, {
    ...{...size, files: {'a.bin': noise(2 * MiB), ...files}},
    environment: {FORCE_COLOR: '3'},
  });
  // At this rate the first file takes minutes.
  const words = [journey.server.address, '--connections', '1', '--limit', '5k'];
  const screen = journey.jangada(words);
  await screen.waitFor(cursorOn('a\\.bin'));
  screen.type('ad3');
  await screen.waitFor(running);
  screen.press('home');
  await screen.waitFor(running);
  return {...journey, screen, size};
}

const running = /▌[◜◠◝◞◡◟] a\.bin/;
const [waiting, below] = [/▌· d\.bin/, /· d\.bin[\s\S]*· c\.bin/];

/** Move the cursor to the last waiting row. */
async function goToLast({screen}: Stage): Promise<void> {
  screen.press('end');
  await screen.waitFor(waiting);
}

/** The rows begin with the cursor on `a.bin`, which runs. */
const rows: readonly KeyRow[] = [
  {
    action: 'open',
    keys: ['enter'],
    async walk({screen, press}) {
      press();
      await screen.waitFor(/╭─ a\.bin ─[\s\S]*received/);
      press();
      await screen.waitFor(text => running.test(text) && !/received/.test(text));
    },
  },
  {
    action: 'move-up',
    keys: ['K'],
    async walk(stage) {
      await goToLast(stage);
      stage.press();
      await stage.screen.waitFor(below);
      stage.screen.type('J');
      await stage.screen.waitFor(/· c\.bin[\s\S]*▌· d\.bin/);
    },
  },
  {
    action: 'move-down',
    keys: ['J'],
    async walk(stage) {
      await goToLast(stage);
      stage.screen.type('k');
      await stage.screen.waitFor(cursorOn('c\\.bin'));
      stage.press();
      await stage.screen.waitFor(/· d\.bin[\s\S]*▌· c\.bin/);
      stage.screen.type('K');
      await stage.screen.waitFor(/▌· c\.bin[\s\S]*· d\.bin/);
    },
  },
  {
    action: 'sooner',
    keys: ['+'],
    async walk(stage) {
      await goToLast(stage);
      stage.press();
      await stage.screen.waitFor(/▌· d\.bin +▲ high[\s\S]*· b\.bin/);
      stage.screen.type('-');
      await stage.screen.waitFor(/· c\.bin[\s\S]*▌· d\.bin/);
    },
  },
  {
    action: 'later',
    keys: ['-'],
    async walk(stage) {
      await goToLast(stage);
      stage.press();
      await stage.screen.waitFor(/▌· d\.bin +▽ low/);
      stage.screen.type('+');
      await stage.screen.waitFor(text => waiting.test(text) && !text.includes('▽'));
    },
  },
  {
    action: 'pause',
    keys: ['p'],
    async walk(stage) {
      await goToLast(stage);
      stage.press();
      await stage.screen.waitFor(/▌‖ d\.bin/);
      stage.press();
      await stage.screen.waitFor(waiting);
    },
  },
  {
    action: 'copy-path',
    keys: ['y'],
    async walk(stage) {
      const {screen, target} = stage;
      await goToLast(stage);
      stage.press();
      await screen.waitFor(/Copied: /);
      const copied = Buffer.from(join(target, 'd.bin')).toString('base64');
      assert.ok(screen.written.includes(`\u001b]52;c;${copied}\u001b\\`));
    },
  },
  {
    action: 'cancel',
    keys: ['x'],
    async walk(stage) {
      const {screen, press} = stage;
      await goToLast(stage);
      press();
      await screen.waitFor(/Cancel d\.bin\?/);
      screen.press('escape');
      await screen.waitFor(text => waiting.test(text) && !text.includes('Cancel d'));
      press();
      await screen.waitFor(/Cancel d\.bin\?/);
      screen.type('k');
      await screen.waitFor(/▌− d\.bin/);
    },
  },
  {
    action: 'retry',
    keys: ['R'],
    async walk({screen, press}) {
      screen.press('end');
      await screen.waitFor(/▌− d\.bin/);
      press();
      await screen.waitFor(waiting);
    },
  },
  {
    action: 'clear',
    keys: ['c'],
    async walk(stage) {
      await goToLast(stage);
      stage.screen.type('xk');
      await stage.screen.waitFor(/▌− d\.bin/);
      stage.press();
      await stage.screen.waitFor(without(/− d\.bin/));
    },
  },
  {
    action: 'bring-back',
    keys: ['u'],
    async walk({screen, press}) {
      press();
      await screen.waitFor(/− d\.bin/);
      // The step before was the cancel.
      press();
      await screen.waitFor(/· d\.bin/);
    },
  },
];

/** These keys are pressed last, when all queued files except a failed one have arrived. */
const lastRows: readonly KeyRow[] = [
  {
    action: 'retry-all',
    keys: ['A'],
    async walk({screen, press, keep, target, saved}) {
      keep('d.bin/in the way', 'x');
      screen.type('Lsnone\r');
      await screen.waitFor(/✗ d\.bin[\s\S]*✓ [abc]\.bin/);
      rmSync(join(target, 'd.bin'), {recursive: true});
      press();
      await screen.waitFor(() => saved('d.bin')?.length === 1);
      await screen.waitFor(/✓ d\.bin/);
    },
  },
  {
    action: 'verify',
    keys: ['v'],
    async walk({screen, press, target}) {
      screen.press('home');
      const [, name = ''] = /▌✓ (\w)\.bin/.exec(await screen.waitFor(/▌✓ \w\.bin/)) ?? [];
      writeFileSync(join(target, `${name}.bin`), 'another');
      press();
      await screen.waitFor(new RegExp(`Verifier ${name}\\.bin[\\s\\S]*✗ differs`));
    },
  },
];

export const transfersTable: KeyTable = {
  place: 'transfers',
  open: (t, size) => openQueue(t, size, {'b.bin': 'b', 'c.bin': 'c', 'd.bin': 'd'}),
  rows: [...rows, ...sharedRows('transfers'), ...lastRows],
};

export const transfersMoves: KeyTable = {
  place: 'transfers',
  open: (t, size) => openQueue(t, size, numberedFiles('s')),
  rows: moveRows,
};
