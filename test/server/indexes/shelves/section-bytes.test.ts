import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import {hash} from 'node:crypto';
import {test} from 'node:test';
import {type DigestRun, sectionBlocks} from '../../../../server/indexes/digest-shelf.ts';
import {
  blocksOf,
  decodeSection,
  encodeSection,
  isComplete,
  joinRuns,
  maxSectionBytes,
  type SectionKey,
  sectionName,
} from '../../../../server/indexes/shelves/section-bytes.ts';

const block = 1_048_576;
const file = {path: 'a', state: 's', size: 10 * block, algorithm: 'sha256'} as const;
const key: SectionKey = {file, section: 0};

function run(first: number, ...values: number[]): DigestRun {
  return {first, digests: Buffer.concat(values.map(value => Buffer.alloc(32, value)))};
}

/** The first block of each run, and the first byte of each of its digests. */
function brief(runs: readonly DigestRun[]) {
  return runs.map(({first, digests}) => [
    first,
    Array.from({length: digests.length / 32}, (_, at) => digests[at * 32]),
  ]);
}

test('runs are joined in order; the first digest of a block counts, and digests outside the section do not', () => {
  const runs = [run(7, 70, 80), run(2, 20), run(3, 30, 40), run(8, 1, 90, 100), run(2, 9)];
  const joined = joinRuns(key, runs);
  assert.deepEqual(brief(joined), [
    [2, [20, 30, 40]],
    [7, [70, 80, 90]],
  ]);
  assert.deepEqual(brief(decodeSection(key, encodeSection(key, joined))), brief(joined));
  assert.deepEqual(joinRuns(key, []), []);
});

test('a section is complete when it has all of its blocks; the last section of a file has fewer', () => {
  const whole = joinRuns(key, [run(0, 1, 2, 3, 4, 5), run(5, 6, 7, 8, 9, 10)]);
  assert.equal(isComplete(key, whole), true);
  assert.equal(isComplete(key, joinRuns(key, [run(0, 1, 2, 3, 4, 5), run(6, 7, 8, 9, 10)])), false);
  const size = (sectionBlocks + 1) * block + 1;
  const blocks = [0, 1, 2].map(section => blocksOf({file: {...file, size}, section}));
  assert.deepEqual(blocks, [sectionBlocks, 2, 0]);
  const last = {file: {...file, size}, section: 1};
  const runs = joinRuns(last, [run(sectionBlocks, 5, 6)]);
  assert.equal(isComplete(last, runs), true);
  assert.deepEqual(brief(decodeSection(last, encodeSection(last, runs))), [
    [sectionBlocks, [5, 6]],
  ]);
});

test('the largest section has at most maxSectionBytes', () => {
  const large = {file: {...file, size: sectionBlocks * block}, section: 0};
  const runs = Array.from({length: sectionBlocks / 2}, (_, at) => run(at * 2, 1));
  assert.ok(encodeSection(large, joinRuns(large, runs)).length <= maxSectionBytes);
});

test('a section that is cut, damaged, or of another file is ignored', () => {
  const bytes = encodeSection(key, joinRuns(key, [run(0, 1, 2), run(5, 6)]));
  for (let at = 0; at < bytes.length; at++) {
    const damaged = Buffer.from(bytes);
    damaged[at] = (damaged[at] ?? 0) ^ 0x10;
    assert.deepEqual(decodeSection(key, damaged), [], `byte ${at}`);
    assert.deepEqual(decodeSection(key, bytes.subarray(0, at)), [], `${at} bytes`);
  }

  assert.deepEqual(decodeSection(key, Buffer.concat([bytes, Buffer.alloc(32)])), []);
  const others: SectionKey[] = [
    {file, section: 1},
    {file: {...file, path: 'b'}, section: 0},
    {file: {...file, state: 't'}, section: 0},
    {file: {...file, size: file.size + 1}, section: 0},
    {file: {...file, algorithm: 'blake3'}, section: 0},
  ];
  for (const other of others) {
    assert.deepEqual(decodeSection(other, bytes), []);
    assert.notEqual(sectionName(other), sectionName(key));
  }
});

test('if runs are out of order, overlap or leave the section, all are refused, even with a right checksum', () => {
  for (const runs of [
    [run(3, 1), run(1, 1)],
    [run(3, 1, 2), run(4, 1)],
    [run(9, 1, 2)],
    [run(4_000_000, 1)],
  ]) {
    assert.deepEqual(decodeSection(key, encodeSection(key, runs)), []);
  }
});

test('paths with different bytes that are not UTF-8 have different names', () => {
  const names = ['\udc80', '\udc81', '\ufffd'].map(path =>
    sectionName({file: {...file, path}, section: 0}),
  );
  assert.equal(new Set(names).size, 3);
});

/** The section with this content, and the checksum that its writer would give it. */
function sealed(content: Buffer): Buffer {
  const owner = Buffer.from(sectionName(key), 'hex');
  const sum = hash('sha256', Buffer.concat([owner, content]), 'buffer').subarray(0, 16);
  return Buffer.concat([content, sum]);
}

test('content of another form is refused, with a right checksum too', () => {
  const bytes = encodeSection(key, joinRuns(key, [run(0, 1, 2), run(5, 6)]));
  const content = bytes.subarray(0, -16);
  assert.deepEqual(sealed(content), bytes);
  const changed = (change: (content: Buffer) => void) => {
    const copy = Buffer.from(content);
    change(copy);
    return sealed(copy);
  };
  const wrong = {
    'another version': changed(copy => copy.write('JGD2')),
    'more runs than there is room for': changed(copy => copy.writeUInt32BE(0xffff_ffff, 4)),
    'fewer runs': changed(copy => copy.writeUInt32BE(1, 4)),
    'a digest more': sealed(Buffer.concat([content, Buffer.alloc(32)])),
    'a digest less': sealed(content.subarray(0, -32)),
    'only the front of a head': sealed(content.subarray(0, 7)),
    nothing: sealed(Buffer.alloc(0)),
  };
  for (const [what, section] of Object.entries(wrong)) {
    assert.deepEqual(decodeSection(key, section), [], what);
  }

  assert.deepEqual(decodeSection(key, sealed(Buffer.from('JGD1\0\0\0\0'))), []);
});
