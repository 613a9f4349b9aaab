/** The keys of the files pane, and the keys of all panes, pressed in the files pane. */
import assert from 'node:assert/strict';
import {rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import type {TestContext} from 'node:test';
import type {Size} from '../../../source/tui/model/layout.ts';
import {startJourney} from '../journey.ts';
import {cursorOn, type KeyRow, type KeyTable, type Stage, without} from './key-table.ts';
import {moveRows, numberedFiles} from './move-rows.ts';
import {sharedRows} from './shared-rows.ts';

const files = {
  'album/boat.txt': 'a raft',
  'album/deep/keel.txt': 'iron',
  '.anchor': 'h',
  ...numberedFiles('f'),
};

export async function openFiles(t: TestContext, size: Size): Promise<Stage> {
  const journey = await startJourney(t, {
    ...size,
    files,
    // Without this variable a test run has no colours, and the caret would be a character in the line.
    environment: {FORCE_COLOR: '3'},
  });
  const screen = journey.jangada();
  await screen.waitFor(cursorOn('album/'));
  return {...journey, screen, size};
}

const first = cursorOn('album/');
const marks = /● (?:album|f\d)/;

/** Move the cursor to the file `rows` rows below the first row, a folder. */
async function goTo({screen}: Stage, name: string, rows: number): Promise<void> {
  screen.press('home');
  await screen.waitFor(first);
  screen.type('j'.repeat(rows));
  await screen.waitFor(cursorOn(name));
}

async function unmark({screen}: Stage): Promise<void> {
  screen.type('\\');
  await screen.waitFor(without(marks));
  screen.press('home');
  await screen.waitFor(first);
}

const rows: readonly KeyRow[] = [
  {
    action: 'open',
    keys: ['right', 'l', 'enter'],
    async walk({screen, press}) {
      press();
      await screen.waitFor(/Files \/album [\s\S]*boat\.txt/);
      screen.press('left');
      await screen.waitFor(first);
    },
  },
  {
    action: 'parent',
    keys: ['left', 'h', 'backspace'],
    async walk({screen, press}) {
      screen.press('right');
      await screen.waitFor(/Files \/album [\s\S]*boat\.txt/);
      press();
      await screen.waitFor(first);
    },
  },
  {
    action: 'mark',
    keys: ['space', 'insert'],
    async walk(stage) {
      await goTo(stage, 'f100', 1);
      stage.press();
      await stage.screen.waitFor(/● f100[\s\S]*▌ +f101/);
      stage.screen.press('up');
      await stage.screen.waitFor(cursorOn('f100'));
      stage.press();
      await stage.screen.waitFor(without(marks));
      await unmark(stage);
    },
  },
  {
    action: 'mark-all',
    keys: ['ctrl-a', 'a'],
    async walk(stage) {
      stage.press();
      await stage.screen.waitFor(/● album[\s\S]*● f100[\s\S]*● f101/);
      await unmark(stage);
    },
  },
  {
    action: 'mark-others',
    keys: ['*'],
    async walk(stage) {
      await goTo(stage, 'f100', 1);
      stage.screen.press('space');
      await stage.screen.waitFor(/● f100/);
      stage.press();
      await stage.screen.waitFor(text => /● album[\s\S]*● f101/.test(text) && !/● f100/.test(text));
      await unmark(stage);
    },
  },
  {
    action: 'mark-none',
    keys: ['\\'],
    async walk({screen, press}) {
      screen.type('a');
      await screen.waitFor(marks);
      press();
      await screen.waitFor(without(marks));
    },
  },
  {
    action: 'mark-by-mask',
    keys: ['+'],
    async walk(stage) {
      stage.press();
      stage.screen.type('f10*');
      await stage.screen.waitFor(/: f10\*/);
      stage.screen.press('enter');
      await stage.screen.waitFor(text => /● f100[\s\S]*● f101/.test(text) && !/● album/.test(text));
      await unmark(stage);
    },
  },
  {
    action: 'unmark-by-mask',
    keys: ['-'],
    async walk(stage) {
      stage.screen.type('a');
      await stage.screen.waitFor(/● f100/);
      stage.press();
      stage.screen.type('f10*');
      await stage.screen.waitFor(/: f10\*/);
      stage.screen.press('enter');
      await stage.screen.waitFor(text => /● album/.test(text) && !/● f10/.test(text));
      await unmark(stage);
    },
  },
  {
    action: 'download',
    keys: ['d', 'f5'],
    async walk(stage) {
      const {screen, turn, saved} = stage;
      await goTo(stage, `f10${turn}`, turn + 1);
      stage.press();
      await screen.waitFor(text => new RegExp(`f10${turn}.* ✓ same`).test(text));
      await screen.waitFor(() => saved(`f10${turn}.txt`)?.length === turn);
      screen.press('home');
      await screen.waitFor(first);
    },
  },
  {
    action: 'download-by-mask',
    keys: ['m'],
    async walk({screen, press, saved}) {
      press();
      screen.type('f20*');
      // The screen counts the files before it downloads them.
      await screen.waitFor(/f20\*.*10 files/);
      screen.press('enter');
      await screen.waitFor(() => saved('f209.txt')?.length === 109);
    },
  },
  {
    action: 'verify',
    keys: ['v'],
    async walk(stage) {
      await goTo(stage, 'f101', 2);
      stage.press();
      await stage.screen.waitFor(/Verifier f101[\s\S]*✓ same/);
      stage.screen.type('1');
      stage.screen.press('home');
      await stage.screen.waitFor(first);
    },
  },
  {
    action: 'repair',
    keys: ['R'],
    async walk(stage) {
      const {screen, keep, press} = stage;
      keep('f101.txt', 'damaged');
      await goTo(stage, 'f101', 2);
      screen.type('v');
      // Wait for the verdict: the files pane may show the difference earlier, because the sizes differ.
      await screen.waitFor(/Verifier f101[\s\S]*1 bad/);
      // On a small screen the pane of the verdict took the keys.
      screen.type('1');
      press();
      await screen.waitFor(/ f101\.txt .*✓ same/);
      screen.press('home');
      await screen.waitFor(first);
    },
  },
  {
    action: 'copy-path',
    keys: ['y'],
    async walk(stage) {
      await goTo(stage, 'f100', 1);
      stage.press();
      await stage.screen.waitFor(/Copied: f100\.txt/);
      const copied = Buffer.from('f100.txt').toString('base64');
      assert.ok(stage.screen.written.includes(`\u001b]52;c;${copied}\u001b\\`));
      stage.screen.press('home');
      await stage.screen.waitFor(first);
    },
  },
  {
    action: 'filter',
    keys: ['/'],
    async walk({screen, press}) {
      press();
      screen.type('f11');
      await screen.waitFor(text => /filter 'f11'/.test(text) && cursorOn('f110').test(text));
      screen.press('escape');
      await screen.waitFor(without(/ilter(?:: | ')/));
      screen.press('home');
      await screen.waitFor(first);
    },
  },
  {
    action: 'find',
    keys: ['f'],
    async walk({screen, press}) {
      press();
      screen.type('keel');
      await screen.waitFor(/: keel/);
      screen.press('enter');
      await screen.waitFor(/find 'keel'[\s\S]*1 of 1 found[\s\S]*▌ .*keel\.txt/);
      screen.press('escape');
      await screen.waitFor(first);
    },
  },
  {
    action: 'sort',
    keys: ['s'],
    async walk({screen, press}) {
      press();
      await screen.waitFor(/Sort by/);
      screen.type('s');
      await screen.waitFor(/Size ▲/);
      screen.type('sn');
      await screen.waitFor(/Name ▲/);
    },
  },
  {
    action: 'reverse',
    keys: ['S'],
    async walk({screen, press}) {
      press();
      await screen.waitFor(/Name ▼/);
      press();
      await screen.waitFor(/Name ▲/);
      screen.press('home');
      await screen.waitFor(first);
    },
  },
  {
    action: 'hidden',
    keys: ['.'],
    async walk({screen, press}) {
      press();
      await screen.waitFor(/ \.anchor/);
      press();
      await screen.waitFor(without(/ \.anchor/));
    },
  },
  {
    action: 'refresh',
    keys: ['r', 'ctrl-r'],
    async walk({screen, press, root}) {
      writeFileSync(join(root, 'bell.txt'), '');
      press();
      await screen.waitFor(/ bell\.txt/);
      rmSync(join(root, 'bell.txt'));
      press();
      await screen.waitFor(without(/ bell\.txt/));
    },
  },
  {
    action: 'preview',
    keys: ['i', 'f3'],
    async walk(stage) {
      const {screen} = stage;
      await goTo(stage, 'f103', 4);
      stage.press();
      await screen.waitFor(/Preview f103/);
      // On a small screen the pane of the preview took the keys.
      stage.press();
      await screen.waitFor(without(/Preview/));
      screen.type('1');
      screen.press('home');
      await screen.waitFor(first);
    },
  },
];

export const filesTable: KeyTable = {
  place: 'files',
  open: openFiles,
  rows: [...rows, ...moveRows, ...sharedRows('files')],
};
