import assert from 'node:assert/strict';
import {getEventListeners} from 'node:events';
import {test} from 'node:test';
import {aborted} from '../../../protocol/errors.ts';
import type {Connection} from '../../../source/client/connection/connection.ts';
import {WaitingLine} from '../../../source/client/waiting-line.ts';

// The line does nothing with a connection but hand it over.
const [one, other] = ['one', 'other'].map(host => ({address: {host}}) as Connection) as [
  Connection,
  Connection,
];

test('callers are served in order, each by a connection that it can use', async () => {
  const line = new WaitingLine();
  const {signal} = new AbortController();
  const first = line.wait(signal, connection => connection === other);
  const second = line.wait(signal, () => true);
  const third = line.wait(signal, () => true);
  assert.equal(line.length, 3);
  assert.equal(line.serve(one), true);
  assert.equal(await second, one);
  // A place without a connection is for anybody.
  assert.equal(line.serve(undefined), true);
  assert.equal(await first, undefined);
  assert.equal(line.serve(other), true);
  assert.equal(await third, other);
  assert.equal(line.length, 0);
  assert.equal(line.serve(one), false);
});

test('callers that were served leave nothing at their signal', async () => {
  const line = new WaitingLine();
  const {signal} = new AbortController();
  for (let call = 0; call < 20; call++) {
    const waiting = line.wait(signal, () => true);
    line.serve(one);
    await waiting;
  }

  assert.equal(getEventListeners(signal, 'abort').length, 0);
});

test('a caller that waits during a pause takes a connection, no place for one, and leaves at the end of the pause', async () => {
  const line = new WaitingLine();
  const {signal} = new AbortController();
  const stopped = (pause: AbortSignal) =>
    new Promise<void>((_, reject) => pause.addEventListener('abort', () => reject(aborted())));
  const served = line.during(stopped, signal, () => true);
  assert.deepEqual([line.length, line.serve(undefined), line.serve(one)], [0, false, true]);
  assert.equal(await served, one);

  assert.equal(
    await line.during(
      async () => {},
      signal,
      () => true,
    ),
    undefined,
  );
  assert.equal(line.serve(one), false);

  const stop = new AbortController();
  const given = line.during(stopped, stop.signal, () => true);
  stop.abort();
  await assert.rejects(given, {code: 'aborted'});
  assert.equal(line.serve(one), false);
});
