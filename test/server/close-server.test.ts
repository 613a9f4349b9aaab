import assert from 'node:assert/strict';
import {test} from 'node:test';
import {pino} from 'pino';
import {closer, type StopTimes} from '../../server/close-server.ts';

function stoppable(usual: StopTimes) {
  const events: string[] = [];
  const logger = pino({}, {write: line => events.push((JSON.parse(line) as {msg: string}).msg)});
  const steps = {
    drain: () => events.push('drain'),
    end: async (graceMs: number) => {
      events.push(`end after ${graceMs}`);
    },
  };
  return {close: closer(usual, steps, logger), events};
}

test('a server that stops drains, then ends, once, and gives running answers five seconds', async () => {
  const {close, events} = stoppable({});
  const first = close();
  assert.equal(close({graceMs: 0}), first);
  assert.deepEqual(events, ['drain', 'stopping', 'end after 5000']);
  await first;
  await close();
  assert.deepEqual(events, ['drain', 'stopping', 'end after 5000', 'stopped']);
});

test('the times of a server are those of its options, unless its caller names others', async () => {
  const own = stoppable({graceMs: 7, drainMs: 1});
  await own.close();
  assert.deepEqual(own.events, [
    'drain',
    'stopping soon: balancers learn that they must send no more clients',
    'stopping',
    'end after 7',
    'stopped',
  ]);
  const other = stoppable({graceMs: 7, drainMs: 3_600_000});
  await other.close({graceMs: 0, drainMs: 0});
  assert.deepEqual(other.events, ['drain', 'stopping', 'end after 0', 'stopped']);
});
