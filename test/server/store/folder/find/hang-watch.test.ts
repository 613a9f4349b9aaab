import assert from 'node:assert/strict';
import {test} from 'node:test';
import {stateAt, stateBytes} from '../../../../../server/store/folder/find/find-messages.ts';
import {HangWatch} from '../../../../../server/store/folder/find/hang-watch.ts';
import {until} from '../../../../fixtures/server/server-folder.ts';
import {entriesIn, kinds, type RawPeer} from '../../../../fixtures/server/server-raw-peer.ts';
import {StallingServer} from '../../../../fixtures/server/stalling-server.ts';

/** The limit for a test that hangs. */
const timeout = 110_000;

test('a single call of two seconds counts as hanging, many calls and a starting thread do not', t => {
  t.mock.timers.enable({apis: ['setInterval']});
  const state = new Int32Array(new SharedArrayBuffer(stateBytes));
  const told: string[] = [];
  using watch = new HangWatch(state, {
    onHang: () => told.push('hangs'),
    onGoOn: () => told.push('goes on'),
  });
  state[stateAt.reading] = 1;
  t.mock.timers.tick(60_000);
  for (let calls = 1; calls < 100; calls++) {
    state[stateAt.reads] = calls;
    t.mock.timers.tick(1000);
  }

  assert.deepEqual(told, []);
  t.mock.timers.tick(2000);
  assert.deepEqual(told, ['hangs']);
  assert.ok(watch.hangs);
  state[stateAt.reading] = 0;
  t.mock.timers.tick(2000);
  assert.deepEqual(told, ['hangs', 'goes on']);
});

test('searches whose calls hang for good give their turns to others, and their number is limited', {
  timeout,
}, async t => {
  const server = await StallingServer.start(t, ['small', 'stalled/name']);
  server.stall('hang for good');
  const ask = async (count: number) => {
    const peers: RawPeer[] = [];
    for (let index = 0; index < count; index++) {
      const peer = await server.peer(`127.0.0.${2 + index}`);
      peer.request(kinds.find, {path: '', masks: ['stalled/**']});
      peers.push(peer);
    }

    return peers;
  };
  // As many as may run at once.
  await ask(4);
  const other = await server.peer();
  const found = await other.ask(kinds.find, {path: '', masks: ['s*l']});
  assert.deepEqual(
    entriesIn(found).map(({name}) => name),
    ['small'],
  );
  const codes: unknown[] = [];
  for (const peer of await ask(12)) {
    void peer.errorCode().then(code => codes.push(code));
  }

  // Besides eight that hang, four may begin.
  await until(() => codes.length >= 4, 'the searches beyond the bound are refused');
  assert.deepEqual(new Set(codes), new Set(['busy']));
});
