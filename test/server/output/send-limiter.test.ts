import assert from 'node:assert/strict';
import {test} from 'node:test';
import {ServedFolder} from '../../fixtures/server/server-folder.ts';
import {kinds} from '../../fixtures/server/server-raw-peer.ts';

const bytesPerSecond = 10_000;
/** Bytes that may have been saved up, and the last ones, which nobody waits for. */
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
  test(`a limit holds for ${what}, too: small frames are bytes like any others`, async () => {
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
