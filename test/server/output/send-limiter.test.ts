import assert from 'node:assert/strict';
import {test} from 'node:test';
import {setImmediate as turn} from 'node:timers/promises';
import {SendLimiter} from '../../../server/output/send-limiter.ts';
import {ServedFolder} from '../../fixtures/server/server-folder.ts';
import {kinds} from '../../fixtures/server/server-raw-peer.ts';

const bytesPerSecond = 10_000;
/** Bytes that may have been saved up, and the last bytes, which nothing waits for. */
const slack = 1000;
const names = Array.from({length: 60}, (_, index) => `${index}`.padStart(40, 'n'));

for (const [what, kind, bodies] of [
  ['pongs', kinds.ping, Array.from({length: 600}, () => ({}))],
  ['entries', kinds.stat, names.map(name => ({path: name}))],
  ['errors', kinds.stat, names.map(name => ({path: `no-${name}`}))],
  ['small files', kinds.get, names.slice(0, 30).map(name => ({path: name}))],
  ['empty ranges', kinds.get, names.map(name => ({path: name, ranges: []}))],
  ['digests', kinds.digests, names.slice(0, 40).map(name => ({path: name}))],
  ['hashes', kinds.hash, names.slice(0, 30).map(name => ({path: name}))],
  ['listings', kinds.list, [{path: ''}]],
  ['finds', kinds.find, [{path: '', masks: ['**']}]],
] as const) {
  test(`a limit holds for ${what}, too: the bytes of small frames count`, async () => {
    const content = Object.fromEntries(names.map(name => [name, 'x']));
    await using folder = await ServedFolder.start(content, {limit: bytesPerSecond});
    const peer = await folder.peer();
    const before = peer.received;
    const startMs = performance.now();
    for (const body of bodies) {
      peer.request(kind, body);
    }

    for (const _ of bodies) {
      assert.notEqual((await peer.answer()).at(-1), undefined);
    }

    const bytes = peer.received - before;
    assert.ok(bytes > 2 * slack, `${bytes} bytes`);
    const leastMs = ((bytes - slack) / bytesPerSecond) * 1000;
    const ms = performance.now() - startMs;
    assert.ok(ms >= leastMs, `${bytes} bytes in ${ms} ms`);
  });
}

test('after a quiet time only the bytes of a twentieth of a second flow at once', async t => {
  let nowMs = 0;
  t.mock.method(performance, 'now', () => nowMs);
  const {timers} = t.mock;
  timers.enable({apis: ['setTimeout']});
  const limiter = new SendLimiter(bytesPerSecond);
  nowMs += 3_600_000;
  const slice = bytesPerSecond / 20;
  let taken = 0;
  for (let count = 0; count < 10; count++) {
    void limiter.take(slice).then(() => {
      taken += slice;
    });
  }

  await turn();
  for (let round = 1; round <= 3; round++) {
    assert.equal(taken, round * slice);
    nowMs += 50;
    timers.tick(50);
    await turn();
  }
});

test('a slice has the bytes of a twentieth of a second, at least one, and at most 64 KiB', () => {
  for (const [rate, size] of [
    [1, 1],
    [39, 1],
    [40, 2],
    [10_000, 500],
    [1_310_720, 65_536],
    [1_000_000_000, 65_536],
  ] as const) {
    assert.equal(new SendLimiter(rate).sliceSize, size, `${rate} bytes a second`);
  }
});

test('a limit below one byte in a twentieth of a second holds, too', async t => {
  let nowMs = 0;
  t.mock.method(performance, 'now', () => nowMs);
  const {timers} = t.mock;
  timers.enable({apis: ['setTimeout']});
  const limiter = new SendLimiter(1);
  let taken = 0;
  for (let count = 0; count < 3; count++) {
    void limiter.take(1).then(() => taken++);
  }

  for (let tick = 0; tick < 2000; tick += 10) {
    nowMs += 10;
    timers.tick(10);
    await turn();
  }

  // The first needs what is saved up in 50 ms; each one after it a second more.
  assert.equal(taken, 2);
});
