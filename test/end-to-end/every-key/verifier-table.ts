/** The keys of the verifier pane, and the keys of all panes, pressed in the verifier pane. */
import {createHash} from 'node:crypto';
import type {TestContext} from 'node:test';
import type {Size} from '../../../source/tui/model/layout.ts';
import {noise} from '../../fixtures/harness.ts';
import {MiB, startJourney} from '../journey.ts';
import {cursorOn, type KeyRow, type KeyTable, type Stage, without} from './key-table.ts';
import {moveRows, numberedFiles} from './move-rows.ts';
import {sharedRows} from './shared-rows.ts';

const content = noise(3 * MiB);
const damaged = Buffer.from(content);
damaged.fill(0, MiB, MiB + 9);

/** Show the results of the folder `maps`: first a file that differs, then many that have no local copy. */
async function openResults(
  t: TestContext,
  size: Size,
  limit: readonly string[] = [],
): Promise<Stage> {
  const files = {'maps/a.bin': content, ...numberedFiles('maps/s'), 'z.bin': noise(MiB)};
  const journey = await startJourney(t, {...size, files, environment: {FORCE_COLOR: '3'}});
  journey.keep('maps/a.bin', damaged);
  const screen = journey.jangada([journey.server.address, ...limit]);
  await screen.waitFor(cursorOn('maps/'));
  screen.type('v2');
  await screen.waitFor(/▌✗ differs +\S*a\.bin[\s\S]*not here/);
  return {...journey, screen, size};
}

const list = /▌✗ differs +\S*a\.bin/;
const blocks = /Verifier [^\n]*a\.bin[\s\S]*✗ 1 bad/;

/** Each walk ends with the blocks of the damaged file on the screen. */
const rows: readonly KeyRow[] = [
  {
    action: 'open',
    keys: ['enter'],
    async walk({screen, press}) {
      await screen.waitFor(list);
      press();
      await screen.waitFor(blocks);
    },
  },
  {
    action: 'position',
    keys: ['p'],
    async walk({screen, press}) {
      press();
      screen.type('1000');
      await screen.waitFor(/SHA-256.*: 1000 /);
      screen.press('enter');
      const digest = createHash('sha256').update(content.subarray(0, 1000)).digest('hex');
      await screen.waitFor(new RegExp(`1,000[\\s\\S]*there +${digest.slice(0, 8)}`));
    },
  },
  {
    action: 'hash',
    keys: ['a'],
    async walk({screen, press}) {
      press();
      await screen.waitFor(/SHA-1 [\s\S]*SHA-256 [\s\S]*BLAKE3 /);
      screen.type('b');
      await screen.waitFor(text => /BLAKE3/.test(text) && !/SHA-1/.test(text));
      // The digest of the same bytes, by the other algorithm.
      await screen.waitFor(/BLAKE3[\s\S]*1,000|1,000[\s\S]*BLAKE3/);
    },
  },
  {
    action: 'preview',
    keys: ['i', 'f3'],
    async walk({screen, press}) {
      press();
      await screen.waitFor(/ 2 Preview /);
      press();
      await screen.waitFor(without(/ 2 Preview /));
    },
  },
  {
    action: 'verify',
    keys: ['v'],
    async walk({screen, press, keep}) {
      keep('maps/a.bin', Buffer.alloc(MiB));
      press();
      await screen.waitFor(/Verifier [^\n]*a\.bin[\s\S]*□ 2 missing +✗ 1 bad/);
    },
  },
  {
    action: 'repair',
    keys: ['R'],
    async walk({screen, press, saved}) {
      press();
      await screen.waitFor(() => saved('maps/a.bin')?.equals(content) === true);
      await screen.waitFor(/Verifier [^\n]*a\.bin[\s\S]*✓ same/);
    },
  },
];

/** Run a download meanwhile, so that leaving asks. */
async function openWithWork(t: TestContext, size: Size): Promise<Stage> {
  // At this rate the download takes minutes.
  const stage = await openResults(t, size, ['--limit', '5k']);
  const {screen} = stage;
  screen.type('1');
  screen.press('end');
  await screen.waitFor(cursorOn('z\\.bin'));
  screen.type('d');
  await screen.waitFor(/z\.bin.* ↓ 0 %/);
  screen.type('2');
  await screen.waitFor(/ a hash /);
  return stage;
}

export const verifierTable: KeyTable = {
  place: 'verifier',
  open: (t, size) => openResults(t, size),
  rows,
};
export const verifierMoves: KeyTable = {
  place: 'verifier',
  open: (t, size) => openResults(t, size),
  rows: moveRows,
};
export const verifierShared: KeyTable = {
  place: 'verifier',
  open: openWithWork,
  rows: sharedRows('verifier'),
};
