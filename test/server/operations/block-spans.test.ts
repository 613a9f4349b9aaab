import assert from 'node:assert/strict';
import {test} from 'node:test';
import {blockSize} from '../../../protocol/block.ts';
import {blockSpans, blocksIn} from '../../../server/operations/block-spans.ts';

const size = 2 * blockSize + 5;

for (const [what, ranges, clip, spans] of [
  ['no ranges', undefined, false, [[0, 3]]],
  ['an empty list', [], false, []],
  [
    'the first and the last block',
    [
      [0, blockSize],
      [2 * blockSize, 5],
    ],
    false,
    [
      [0, 1],
      [2, 3],
    ],
  ],
  [
    'ranges side by side',
    [
      [0, blockSize],
      [blockSize, blockSize],
    ],
    false,
    [
      [0, 1],
      [1, 2],
    ],
  ],
  ['a range beyond the end, cut', [[blockSize, 9 * blockSize]], true, [[1, 3]]],
  ['a range that begins where the file ends, cut', [[3 * blockSize, blockSize]], true, []],
] as const) {
  test(`${what} of a file of two blocks and 5 bytes are the blocks in it`, () => {
    assert.deepEqual(
      blockSpans(ranges, size, clip),
      spans.map(([from, to]) => ({from, to})),
    );
  });
}

test('a range that cannot be sent is refused with the reason', () => {
  for (const [ranges, why] of [
    [[[0, size + 1]], 'The range [0, 2097158] ends past the end of the file'],
    [
      [
        [0, blockSize],
        [0, blockSize],
      ],
      'The range [0, 1048576] overlaps another or goes back',
    ],
    [[[1, blockSize]], 'The range [1, 1048576] does not begin and end where blocks do'],
    [[[0, blockSize - 1]], 'The range [0, 1048575] does not begin and end where blocks do'],
  ] as const) {
    assert.throws(() => blockSpans(ranges, size), {code: 'bad_request', message: why});
  }
});

test('the blocks of spans are counted from the first up to the one before the end', () => {
  const spans = [
    {from: 0, to: 2},
    {from: 3, to: 3},
    {from: 7, to: 8},
  ];
  assert.deepEqual([...blocksIn(spans)], [0, 1, 7]);
});
