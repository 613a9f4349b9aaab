/** What a heartbeat does at its first look after the machine has slept, by a clock of the test. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {type BeatState, Heartbeat} from '../../../../source/client/connection/heartbeat.ts';

const silenceTimeoutMs = 15_000;

const cases: [state: BeatState, pings: number][] = [
  ['idle', 1],
  ['pinged', 0],
  ['busy', 0],
  ['waiting', 0],
];

for (const [state, pings] of cases) {
  test(`a connection that is ${state} when the machine wakes up gets ${pings === 1 ? 'a ping at once' : 'no ping'}`, t => {
    t.mock.timers.enable({apis: ['setTimeout']});
    const now = {nowMs: 0, wallMs: 0};
    let pinged = 0;
    let gone = 0;
    const heartbeat = new Heartbeat({
      silenceTimeoutMs,
      clock: {nowMs: () => now.nowMs, wallMs: () => now.wallMs},
      state: () => state,
      ping: () => pinged++,
      gone: () => gone++,
    });
    t.after(() => heartbeat.stop());
    // A third of the timeout is over, and this clock stood still while the machine slept for an hour.
    const third = silenceTimeoutMs / 3;
    now.nowMs = third - 1;
    heartbeat.heard();
    now.nowMs = third;
    now.wallMs = third + 3_600_000;
    t.mock.timers.tick(third);
    assert.deepEqual([pinged, gone], [pings, 0]);
  });
}
