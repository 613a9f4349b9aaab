import assert from 'node:assert/strict';
import {test} from 'node:test';
import {headerSize, maxControlPayload} from '../../../protocol/frame.ts';
import {maxEntries} from '../../../protocol/messages.ts';
import {EntryFrames} from '../../../server/store/entry-frames.ts';

for (const [what, nameLength, mostFrames] of [
  ['short', 10, 5],
  ['long', 2000, 80],
] as const) {
  test(`frames of entries with ${what} names are well filled, and none is too large`, () => {
    const frames = new EntryFrames();
    const sent = Array.from({length: 5000}, (_, index) =>
      frames.add({
        ...{name: String(index).padStart(nameLength, 'n'), type: 'file', size: 1, mtimeMs: 0},
      }),
    );
    const all = [...sent, frames.rest()].filter(frame => frame !== undefined);
    assert.ok(all.length <= mostFrames, `${all.length} frames`);
    assert.ok(all.every(({frame}) => frame.length <= headerSize + maxControlPayload));
    assert.ok(all.every(({entries}) => entries <= maxEntries));
    assert.equal(
      all.reduce((sum, {entries}) => sum + entries, 0),
      5000,
    );
    assert.equal(frames.rest(), undefined);
  });
}

test('each frame has the totals of its own entries, and of files alone', () => {
  const frames = new EntryFrames();
  const sent = Array.from({length: 2 * maxEntries + 3}, (_, index) =>
    frames.add({
      name: `${index}`,
      ...(index % 4 === 0
        ? ({type: 'folder', size: 0} as const)
        : ({type: 'file', size: 7} as const)),
      mtimeMs: 0,
    }),
  );
  const all = [...sent, frames.rest()].filter(frame => frame !== undefined);
  assert.deepEqual(
    all.map(({entries, files, bytes}) => ({entries, files, bytes})),
    [
      {entries: maxEntries, files: 750, bytes: 5250},
      {entries: maxEntries, files: 750, bytes: 5250},
      {entries: 3, files: 2, bytes: 14},
    ],
  );
});
