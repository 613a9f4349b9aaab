/** Folders and queues that are much longer than a screen. */
import assert from 'node:assert/strict';
import {join} from 'node:path';
import {test} from 'node:test';
import {formatAddress, parseAddress} from '../../protocol/address.ts';
import {encodeFrame, frameKinds} from '../../protocol/frame.ts';
import {encodeAnswer} from '../../protocol/messages.ts';
import {QueueStore} from '../../source/transfers/database/queue-store.ts';
import {path, temporaryFolder} from '../fixtures/harness.ts';
import {startHostileServer} from '../fixtures/server/hostile-server.ts';
import {startJangada, startJourney} from './journey.ts';

/** The limit for a test that hangs. */
const timeout = 300_000;
const withinMs = 100_000;

const nameOf = (number: number) => `img-${String(number).padStart(7, '0')}.jpg`;

test('a folder of a million entries shows its first rows at once, takes keys while it grows, and is sorted and marked as a whole', {
  timeout,
}, async t => {
  const count = 1_000_000;
  let sent = 0;
  const rest = Promise.withResolvers<void>();
  const address = await startHostileServer(t, (socket, {kind}) => {
    if (kind !== frameKinds.list) {
      socket.write(encodeAnswer('error', {code: 'not_found', message: 'gone'}));
      return;
    }

    const more = () => {
      const entries = Array.from({length: 1000}, () => ({
        ...{name: nameOf(sent), type: 'file', mtimeMs: 0},
        // The last entry is the smallest.
        size: count - ++sent,
      }));
      socket.write(encodeFrame(frameKinds.entries, JSON.stringify({entries})), () => {
        if (sent === count) {
          socket.write(encodeAnswer('end', {count}));
        } else if (sent === 1000) {
          void rest.promise.then(more);
        } else {
          setImmediate(more);
        }
      });
    };
    more();
  });
  const screen = startJangada(t, [formatAddress(address), '--to', temporaryFolder(t)], {
    ...{columns: 120, rows: 40},
  });
  await screen.waitFor(text => text.includes(nameOf(0)) && text.includes('1,000'), withinMs);
  screen.press('down', 'down');
  await screen.waitFor(new RegExp(`▌ +${nameOf(2)}`), withinMs);
  rest.resolve();
  await screen.waitFor(/3 of 1,000,000/, withinMs);
  screen.press('end');
  await screen.waitFor(
    new RegExp(`1,000,000 of 1,000,000[\\s\\S]*▌ +${nameOf(count - 1)}`),
    withinMs,
  );
  screen.press('home');
  await screen.waitFor(new RegExp(`▌ +${nameOf(0)}`), withinMs);
  screen.type('s');
  await screen.waitFor(/Sort by/, withinMs);
  screen.type('s');
  await screen.waitFor(text => /Size ▲/.test(text) && !text.includes('sorting'), withinMs);
  screen.press('home');
  await screen.waitFor(new RegExp(`1 of 1,000,000[\\s\\S]*▌ +${nameOf(count - 1)}`), withinMs);
  screen.type('a');
  await screen.waitFor(/● 1,000,000 marked/, withinMs);
});

for (const [columns, rows] of [
  [120, 40],
  [80, 24],
  [60, 15],
] as const) {
  test(`a queue of 5,000 transfers says what it has, and takes keys at both ends, at ${columns} × ${rows}`, {
    timeout,
  }, async t => {
    const state = temporaryFolder(t);
    const environment = {JANGADA_STATE: state};
    const {server, target, jangada} = await startJourney(t, {columns, rows, environment});
    const {host, port} = parseAddress(server.address);
    {
      using store = new QueueStore(join(state, 'queue.db'));
      const added = store.add(
        `${host}:${port}`,
        Array.from({length: 5000}, (_, number) => ({
          ...{remotePath: path(nameOf(number)), folder: target, localPath: nameOf(number)},
          ...{size: 1000, onConflict: 'fail' as const},
        })),
      );
      const which = added.map(({id}) => id);
      store.orders.carryOut(`${host}:${port}`, {do: 'pause', which});
    }

    const screen = jangada();
    await screen.waitFor(/0 of 5,000/, withinMs);
    screen.type('3');
    await screen.waitFor(new RegExp(nameOf(0)), withinMs);
    screen.press('end');
    await screen.waitFor(new RegExp(`▌.*${nameOf(4999)}`), withinMs);
    screen.press('home');
    await screen.waitFor(new RegExp(`▌.*${nameOf(0)}`), withinMs);
    assert.match(screen.text, /5,000/);
  });
}
