/** The keys that all panes have, pressed in one of the panes. */
import assert from 'node:assert/strict';
import {type Pane, panes} from '../../../source/tui/model/layout.ts';
import {bytesOf} from '../../fixtures/key-bytes.ts';
import {startJourney} from '../journey.ts';
import {type KeyRow, without} from './key-table.ts';

/** For each pane, keys that only its footer shows, at any width. */
const footers: Readonly<Record<Pane, RegExp>> = {
  files: / Space mark /,
  verifier: / a hash /,
  transfers: / Enter details /,
};
const numberOf = (pane: Pane): string => `${panes.indexOf(pane) + 1}`;
const neighbour = (pane: Pane, by: 1 | 2): Pane =>
  panes[(panes.indexOf(pane) + by) % panes.length] ?? pane;

/** @param pane the pane with the keys. In `files` nothing runs, so leaving asks nothing; in the others it asks. */
export function sharedRows(pane: Pane): readonly KeyRow[] {
  /** An action that gives the keys to the pane `to`. */
  const focusing = (action: string, keys: readonly string[], to: Pane): KeyRow => ({
    action,
    keys,
    async walk({screen, press}) {
      press();
      await screen.waitFor(footers[to]);
      screen.type(numberOf(pane));
      await screen.waitFor(footers[pane]);
    },
  });
  /** An action that opens something over the panes, which Esc closes. */
  const opening = (
    action: string,
    keys: readonly string[],
    typed: string,
    seen: RegExp,
  ): KeyRow => ({
    action,
    keys,
    async walk({screen, press}) {
      press();
      screen.type(typed);
      await screen.waitFor(seen);
      screen.press('escape');
      await screen.waitFor(text => !seen.test(text) && footers[pane].test(text));
    },
  });
  return [
    focusing('next-pane', ['tab'], neighbour(pane, 1)),
    focusing('previous-pane', ['shift-tab'], neighbour(pane, 2)),
    ...panes.map(to => focusing(`pane-${to}`, [numberOf(to)], to)),
    opening('limits', ['L'], '', /Limits[\s\S]*Connections for one file/),
    opening('command', [':'], 'sget', /^ : sget /m),
    opening('go-to-path', ['ctrl-g'], 'abc', /^ Go to: abc /m),
    opening('help', ['?', 'f1'], '', /╭─ Keys/),
    {
      action: 'back',
      keys: ['escape'],
      async walk({screen, press}) {
        if (pane === 'files') {
          screen.type('/f11\r');
          await screen.waitFor(/filter 'f11'/);
          press();
          await screen.waitFor(without(/filter 'f11'/));
        } else {
          press();
          await screen.waitFor(footers.files);
          screen.type(numberOf(pane));
          await screen.waitFor(footers[pane]);
        }
      },
    },
    {
      action: 'suspend',
      keys: ['ctrl-z'],
      async walk({screen, press}) {
        press();
        // Without a shell the screen says so and stays.
        await screen.waitFor(/No shell can bring jangada back here/);
      },
    },
    {
      action: 'servers',
      keys: ['b'],
      async walk({screen, press}) {
        press();
        if (pane === 'files') {
          await screen.waitFor(/╭─ Servers /);
          screen.press('enter');
        } else {
          await screen.waitFor(/Leave this server\?/);
          screen.press('escape');
        }

        await screen.waitFor(
          text => footers[pane].test(text) && !text.includes('Leave this server?'),
        );
      },
    },
    {
      action: 'quit',
      keys: ['q', 'f10', 'ctrl-c'],
      async walk({t, size, screen, key, press}) {
        if (pane === 'files') {
          const {jangada} = await startJourney(t, {files: {'boat.txt': ''}, ...size});
          const idle = jangada();
          await idle.waitFor(/boat\.txt/);
          idle.send(bytesOf(key));
          assert.equal((await idle.ended()).status, 0);
          idle.assertRestored();
        } else {
          press();
          await screen.waitFor(/Quit\?/);
          screen.press('escape');
          await screen.waitFor(without(/Quit\?/));
        }
      },
    },
  ];
}
