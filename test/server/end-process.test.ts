import assert from 'node:assert/strict';
import process from 'node:process';
import {test} from 'node:test';
import {setImmediate as turn} from 'node:timers/promises';
import type {Worker} from 'node:worker_threads';
import {pino} from 'pino';
import {endProcess} from '../../server/end-process.ts';
import {endThreads, hangingThreads} from '../../server/waiting/end-threads.ts';

class Exit extends Error {}

test('a process ends with success, and is killed only where threads hang that Node would wait for', async t => {
  const events: string[] = [];
  t.mock.method(process, 'exit', (status: number) => {
    events.push(`exit ${status}`);
    throw new Exit();
  });
  const options = {base: null, timestamp: false};
  const logger = pino(options, {write: line => events.push(line.trim())});
  const kill = () => events.push('killed');
  assert.throws(() => endProcess(logger, kill), Exit);
  assert.deepEqual(events.splice(0), ['exit 0']);
  using timers = t.mock.timers;
  timers.enable({apis: ['setTimeout']});
  // It has what is called.
  const thread = {terminate: () => new Promise(() => {})} as unknown as Worker;
  let isOver = false;
  const ended = endThreads([thread]).then(() => {
    isOver = true;
  });
  timers.tick(1999);
  await turn();
  assert.equal(isOver, false);
  timers.tick(1);
  await ended;
  assert.equal(hangingThreads(), 1);
  endProcess(logger, kill);
  assert.deepEqual(events, [
    '{"level":40,"threads":1,"msg":"disk calls hang: the process ends without them"}',
    'killed',
  ]);
});
