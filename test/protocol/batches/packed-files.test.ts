import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import {test} from 'node:test';
import {
  decodePackedFiles,
  encodePackedHead,
  mostPacked,
  type PackedError,
  type PackedFacts,
} from '../../../protocol/batches/packed-files.ts';
import {frameKinds, headerSize} from '../../../protocol/frame.ts';
import {maxPackedFile} from '../../../protocol/messages.ts';

const facts = (size: number, version = 'v'): PackedFacts => ({
  ...{kind: 'file', size, mtimeMs: -1.5, version},
  digest: Buffer.alloc(32, size),
});

/** The payload of a frame with these files, whose bytes are all 0xee. */
function payloadOf(files: readonly (PackedFacts | PackedError)[]): Buffer {
  const head = encodePackedHead(files);
  const size = files.reduce((sum, file) => sum + (file.kind === 'file' ? file.size : 0), 0);
  const frame = Buffer.concat([head, Buffer.alloc(size, 0xee)]);
  assert.equal(frame[4], frameKinds.files);
  assert.equal(frame.readUInt32BE(0), frame.length - headerSize);
  return frame.subarray(headerSize);
}

test('files of all sizes, and errors among them, come back in order', () => {
  const error: PackedError = {kind: 'error', code: 'not_found', message: 'é is gone'};
  const files = [facts(3), error, facts(0), facts(maxPackedFile, 'v'.repeat(64)), error, facts(1)];
  const decoded = decodePackedFiles(payloadOf(files));
  assert.deepEqual(
    decoded,
    files.map(file =>
      file.kind === 'file' ? {...file, bytes: Buffer.alloc(file.size, 0xee)} : file,
    ),
  );
});

test('as many files as fit are taken, and no more', () => {
  assert.equal(decodePackedFiles(payloadOf(Array(mostPacked).fill(facts(0)))).length, mostPacked);
  assert.throws(() => decodePackedFiles(payloadOf(Array(mostPacked + 1).fill(facts(0)))), {
    code: 'protocol',
  });
});

for (const [what, wrong] of [
  ['a version of 65 characters', facts(1, 'v'.repeat(65))],
  ['a file of one byte too many', facts(maxPackedFile + 1)],
  ['a time without end', {...facts(1), mtimeMs: Number.POSITIVE_INFINITY}],
] as const) {
  test(`a frame with ${what} breaks the protocol`, () => {
    assert.throws(() => decodePackedFiles(payloadOf([wrong])), {code: 'protocol'});
  });
}

test('the message of an error is cut to 200 characters of text', () => {
  const sent = (message: string) => {
    const [decoded] = decodePackedFiles(payloadOf([{kind: 'error', code: 'busy', message}]));
    return decoded?.kind === 'error' ? decoded.message : undefined;
  };
  assert.equal(sent('x'.repeat(201)), 'x'.repeat(200));
  assert.equal(sent(`${'x'.repeat(199)}\u{1f400}`), `${'x'.repeat(199)}\ufffd`);
});
