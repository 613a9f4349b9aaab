/** The keys of the screen of servers. */
import assert from 'node:assert/strict';
import {type AddressInfo, createServer} from 'node:net';
import type {TestContext} from 'node:test';
import type {Size} from '../../../source/tui/model/layout.ts';
import {bytesOf} from '../../fixtures/key-bytes.ts';
import {startJangada, startJourney} from '../journey.ts';
import {type KeyRow, type KeyTable, type Stage, without} from './key-table.ts';

const others = 45;

/** The server of the journey is the first, because it was used last. */
const first = /▌ +127\.0\.0\.1:(?!1234)/;
const [second, last] = [/▌ +s100\.example/, /▌ +this machine/];

async function openServers(t: TestContext, size: Size): Promise<Stage> {
  const journey = await startJourney(t, {...size, files: {'boat.txt': ''}});
  const more = Array.from({length: others}, (_, at) => `jangada://s${100 + at}.example:1`);
  const servers = [journey.server.address, ...more].map((address, at) => ({
    address,
    usedMs: 1_000_000_000_000 - at,
  }));
  // The state of the program is in the target folder, so that a walk can read it.
  journey.keep('servers.json', JSON.stringify({version: 1, servers}));
  const screen = startJangada(t, ['--to', journey.target], {
    ...size,
    environment: {JANGADA_STATE: journey.target, JANGADA_SERVER: undefined, FORCE_COLOR: '3'},
  });
  await screen.waitFor(first);
  return {...journey, screen, size};
}

/** From the first or last row, press the key, wait until the cursor is on another row, and go to the first. */
const moving = (
  action: string,
  keys: readonly string[],
  from: 'home' | 'end',
  seen: RegExp,
): KeyRow => ({
  action,
  keys,
  async walk({screen, press}) {
    screen.press(from);
    await screen.waitFor(from === 'home' ? first : last);
    press();
    await screen.waitFor(seen);
    screen.press('home');
    await screen.waitFor(first);
  },
});

const rows: readonly KeyRow[] = [
  moving('up', ['up'], 'end', new RegExp(`▌ +s${99 + others}\\.example`)),
  moving('down', ['down'], 'home', second),
  moving('page-up', ['pageup'], 'end', /▌ +s1(?!44)\d\d\.example/),
  moving('page-down', ['pagedown'], 'home', /▌ +s1(?!00)\d\d\.example/),
  moving('top', ['home'], 'end', first),
  moving('bottom', ['end'], 'home', last),
  {
    action: 'address',
    keys: ['a'],
    async walk({screen, press}) {
      press();
      screen.type('lake.example');
      await screen.waitFor(/ddress.*: lake\.example /);
      screen.press('escape');
      await screen.waitFor(without(/lake\.example/));
    },
  },
  {
    action: 'bookmark',
    keys: ['*'],
    async walk({screen, press}) {
      press();
      await screen.waitFor(/Name of the bookmark: /);
      screen.type('\u0015Fotos\r');
      await screen.waitFor(/▌ ◆ Fotos +127/);
      press();
      await screen.waitFor(without(/◆/));
      await screen.waitFor(first);
    },
  },
  {
    action: 'forget',
    keys: ['-', 'delete'],
    async walk({screen, press, turn}) {
      screen.press('down');
      await screen.waitFor(new RegExp(`▌ +s${100 + turn}\\.example`));
      press();
      await screen.waitFor(new RegExp(`▌ +s${101 + turn}\\.example`));
      await screen.waitFor(text => !text.includes(` s${100 + turn}.example:1 `));
      screen.press('home');
      await screen.waitFor(first);
    },
  },
  {
    action: 'refresh',
    keys: ['ctrl-r'],
    async walk({screen, press, keep, saved}) {
      const now = `${saved('servers.json')}`;
      keep('servers.json', now.replaceAll('s102.example', 'new.example'));
      press();
      await screen.waitFor(/ new\.example:1/);
      screen.press('home');
      await screen.waitFor(first);
    },
  },
  {
    action: 'help',
    keys: ['?', 'f1'],
    async walk({screen, press}) {
      press();
      await screen.waitFor(/╭─ Keys/);
      screen.press('escape');
      await screen.waitFor(without(/╭─ Keys/));
    },
  },
  {
    action: 'suspend',
    keys: ['ctrl-z'],
    async walk({screen, press}) {
      press();
      await screen.waitFor(/No shell can bring jangada back here/);
    },
  },
  {
    action: 'back',
    keys: ['escape'],
    async walk({t, screen, press}) {
      const silent = createServer(socket => void t.after(() => socket.destroy()));
      await new Promise<void>(resolve => silent.listen(0, '127.0.0.1', resolve));
      t.after(() => silent.close());
      const {port} = silent.address() as AddressInfo; // The listener has a TCP port.
      screen.type(`127.0.0.1:${port}\r`);
      await screen.waitFor(/Connecting to /);
      press();
      await screen.waitFor(without(/Connecting to /));
    },
  },
  {
    action: 'open',
    keys: ['enter', 'right'],
    async walk({screen, press}) {
      screen.press('home');
      await screen.waitFor(first);
      press();
      await screen.waitFor(/▌ +boat\.txt/);
      screen.type('b');
      await screen.waitFor(first);
    },
  },
  {
    action: 'quit',
    keys: ['q', 'f10', 'ctrl-c'],
    async walk({t, size, key}) {
      const {screen} = await openServers(t, size);
      screen.send(bytesOf(key));
      assert.equal((await screen.ended()).status, 0);
      screen.assertRestored();
    },
  },
];

export const serversTable: KeyTable = {place: 'servers', open: openServers, rows};
