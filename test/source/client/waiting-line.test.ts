import assert from 'node:assert/strict';
import {getEventListeners} from 'node:events';
import {test} from 'node:test';
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
