import assert from 'node:assert/strict';
import {test} from 'node:test';
import {setImmediate as turn} from 'node:timers/promises';
import {ownLongWork} from '../../../server/waiting/long-work.ts';

const {signal} = new AbortController();

for (const [of, ofAll] of [
  ['searches', 4],
  ['hashJobs', 6],
] as const) {
  test(`an address has two ${of} at once, and three addresses have ${ofAll}`, async () => {
    const turns = ownLongWork()[of];
    const started: string[] = [];
    for (const key of ['a', 'a', 'a', 'b', 'b', 'b', 'c', 'c', 'c']) {
      void turns.enter(key, signal).then(() => started.push(key));
    }

    await turn();
    assert.deepEqual(started, ['a', 'a', 'b', 'b', 'c', 'c'].slice(0, ofAll));
  });
}
