import assert from 'node:assert/strict';
import process from 'node:process';
import {test} from 'node:test';
import {Connection} from '../../../../source/client/connection/connection.ts';
import {RateLimiter} from '../../../../source/client/connection/rate-limiter.ts';
import {startHarness} from '../../../fixtures/harness.ts';

test('a connection that is closed while its limit has it wait keeps no process alive', async t => {
  const {client} = await startHarness(t);
  const timers = () => process.getActiveResourcesInfo().filter(name => name === 'Timeout').length;
  const before = timers();
  // The greeting is as much as it lets through in a minute.
  const limiter = new RateLimiter(1);
  t.after(() => {
    limiter.bytesPerSecond = undefined;
  });
  const connection = await Connection.open(client.address, {limiter});
  assert.equal(timers(), before + 1);
  connection.close();
  assert.equal(timers(), before);
});
