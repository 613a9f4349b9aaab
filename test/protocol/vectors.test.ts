import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import {test} from 'node:test';
import {z} from 'zod';
import {decodePackedFiles, encodePackedHead} from '../../protocol/batches/packed-files.ts';
import {decodeRoots, RootFrame} from '../../protocol/batches/root-list.ts';
import {
  availableAlgorithms,
  blockSize,
  digestAlgorithms,
  digestOf,
  rootDigest,
} from '../../protocol/block.ts';
import {isJangadaError} from '../../protocol/errors.ts';
import {
  blockHeaderSize,
  compressedHeaderSize,
  encodeFrame,
  frameKinds,
  headerSize,
  preface,
  writeBlockHeader,
} from '../../protocol/frame.ts';
import {FrameDecoder} from '../../protocol/frame-decoder.ts';
import {proofOf} from '../../protocol/login.ts';
import {namesFirst} from '../../protocol/masks/literal-masks.ts';
import {MaskJudge} from '../../protocol/masks/mask-judge.ts';
import {prepareMasks} from '../../protocol/masks/masks.ts';
import {decodePayload} from '../../protocol/messages.ts';
import {readinessAnswer, readinessQuestion, readinessStates} from '../../protocol/readiness.ts';
import {nameFromBytes, nameToBytes, pathFromWire, pathToWire} from '../../protocol/remote-path.ts';
import {AnswerQueue} from '../../source/client/connection/answer-queue.ts';
import {decompressBlock} from '../../source/client/connection/compression/decompress-block.ts';
import {allKinds, CollectingSink, encodePlain} from './frames.ts';
import {namesOf} from './masks/mask-vectors.ts';
import {schemas, vectors} from './vectors.ts';

test('the preface is that of the vectors', () => {
  assert.equal(preface.toString('hex'), vectors.preface);
});

test('the question whether a server is ready, and its answers, are those of the vectors', () => {
  const {question, answers} = vectors.readiness;
  assert.equal(readinessQuestion.toString('hex'), question);
  for (const state of readinessStates) {
    assert.equal(Buffer.from(readinessAnswer(state)).toString('hex'), answers[state]);
  }
});

test('every kind of frame has a vector', () => {
  const kinds = new Set<string>(
    [...vectors.frames, ...vectors.digestFrames, ...vectors.filesFrames, ...vectors.rootFrames].map(
      ({kind}) => kind,
    ),
  );
  kinds.add('block').add('compressed');
  assert.deepEqual([...kinds].sort(), Object.keys(frameKinds).sort());
});

for (const {name, token, client, server, ...terms} of vectors.logins) {
  test(`proofs of the vectors: ${name}`, () => {
    const [exporter, serverNonce, clientNonce] = [
      terms.exporter,
      terms.serverNonce,
      terms.clientNonce,
    ].map(text => Buffer.from(text, 'hex')) as [Buffer, Buffer, Buffer]; // `map` keeps the number of elements.
    const about = {exporter, serverNonce, clientNonce};
    assert.equal(proofOf('client', token, about).toString('hex'), client);
    assert.equal(proofOf('server', token, about).toString('hex'), server);
  });
}

for (const {name, kind, hex, message} of vectors.frames) {
  test(`frame of the vectors: ${name}`, () => {
    assert.equal(encodeFrame(frameKinds[kind], JSON.stringify(message)).toString('hex'), hex);

    const sink = new CollectingSink();
    new FrameDecoder(sink, {accept: allKinds}).push(Buffer.from(hex, 'hex'));
    const payload = hex.slice(2 * headerSize);
    assert.deepEqual(sink.frames, [{kind: frameKinds[kind], payload}]);

    const decoded: object = decodePayload(
      schemas[kind],
      Buffer.from(payload, 'hex'),
      'bad_request',
    );
    // Decoding adds default values for missing fields, so the decoded message may have more fields.
    assert.partialDeepStrictEqual(JSON.parse(asWire(decoded)), readPart(message));
  });
}

/** Of the limits, a client reads only this one. The server uses the others itself. */
function readPart(message: unknown): unknown {
  return typeof message === 'object' && message !== null && 'limits' in message
    ? {...message, limits: {pipelined: 128}}
    : message;
}

for (const {name, hex, digests} of vectors.digestFrames) {
  test(`frame of the vectors: ${name}`, () => {
    const payload = Buffer.from(digests.join(''), 'hex');
    assert.equal(encodeFrame(frameKinds.digests, payload).toString('hex'), hex);
  });
}

for (const {name, hex, files} of vectors.filesFrames) {
  test(`frame of the vectors: ${name}`, () => {
    const compressed = files.map(file =>
      'code' in file
        ? ({...file, kind: 'error'} as const)
        : ({...file, kind: 'file', digest: Buffer.from(file.digest, 'hex')} as const),
    );
    const bytes = files.map(file => Buffer.from('bytes' in file ? file.bytes : '', 'hex'));
    const whole = Buffer.concat([encodePackedHead(compressed), ...bytes]);
    assert.equal(whole.toString('hex'), hex);

    const decoded = decodePackedFiles(Buffer.from(hex, 'hex').subarray(headerSize));
    assert.deepEqual(
      decoded,
      compressed.map((file, index) =>
        file.kind === 'file' ? {...file, bytes: bytes[index]} : file,
      ),
    );
  });
}

for (const {name, hex} of vectors.badFilesFrames.frames) {
  test(`a files frame without a meaning, according to a vector: ${name}`, () => {
    const sink = new CollectingSink();
    new FrameDecoder(sink, {accept: allKinds}).push(Buffer.from(hex, 'hex'));
    assert.equal(sink.frames.length, 1, 'the frame itself is good');
    assert.throws(
      () => decodePackedFiles(Buffer.from(hex, 'hex').subarray(headerSize)),
      error => isJangadaError(error, 'protocol'),
    );
  });
}

for (const {name, hex, records} of vectors.rootFrames) {
  test(`frame of the vectors: ${name}`, () => {
    const decoded = decodeRoots(Buffer.from(hex.slice(2 * headerSize), 'hex'), records.length);
    const frame = new RootFrame();
    for (const record of decoded) {
      frame.add(record);
    }

    assert.equal(frame.take()?.toString('hex'), hex);
    const plain = decoded.map(record => {
      const root = record.kind === 'file' ? record.root?.toString('hex') : undefined;
      return root === undefined ? {...record, root: undefined} : {...record, root};
    });
    assert.deepEqual(JSON.parse(JSON.stringify(plain)), records);
  });
}

for (const {name, hex} of vectors.badRootFrames.frames) {
  test(`invalid states of files, according to a vector: ${name}`, () => {
    assert.throws(
      () => decodeRoots(Buffer.from(hex.slice(2 * headerSize), 'hex'), 3),
      error => isJangadaError(error, 'protocol'),
    );
  });
}

for (const {name, hex, ...block} of vectors.blocks) {
  test(`block of the vectors: ${name}`, () => {
    assert.equal(encodePlain(block).toString('hex'), hex);
    assert.equal(digestOf('sha256', Buffer.from(block.bytes, 'hex')).toString('hex'), block.digest);

    const sink = new CollectingSink();
    new FrameDecoder(sink, {accept: allKinds}).push(Buffer.from(hex, 'hex'));
    assert.deepEqual(sink.frames, [block]);
  });
}

for (const {name, hex, length, ...block} of vectors.compressedBlocks) {
  test(`compressed block of the vectors: ${name}`, () => {
    const compressed = hex.slice(2 * compressedHeaderSize);
    const frame = {...block, bytes: compressed, plainLength: length};
    assert.equal(encodePlain(frame).toString('hex'), hex);
    assert.equal(digestOf('sha256', pattern(length)).toString('hex'), block.digest);

    const sink = new CollectingSink();
    new FrameDecoder(sink, {accept: allKinds}).push(Buffer.from(hex, 'hex'));
    assert.deepEqual(sink.frames, [frame]);

    const memory = Buffer.alloc(blockSize);
    const compressedLength = memory.write(compressed, 'hex');
    const digest = Buffer.from(block.digest, 'hex');
    decompressBlock({offset: block.offset, digest, length, compressedLength}, memory);
    assert.ok(memory.subarray(0, length).equals(pattern(length)));
  });
}

for (const {name, hex} of vectors.badCompressedBlocks.blocks) {
  test(`not a block, according to a vector: ${name}`, () => {
    const answers = new AnswerQueue(() => 0);
    answers.add({
      takesCompressed: true,
      control: () => assert.fail('no control frame'),
      blockMemory: () => Buffer.alloc(blockSize),
      block: () => assert.fail('a block'),
      failed() {},
    });
    const decoder = new FrameDecoder(
      {
        control: () => assert.fail('no control frame'),
        blockMemory: header => answers.blockMemory(header),
        block: (header, memory) => answers.block(header, memory),
      },
      {accept: allKinds},
    );
    assert.throws(
      () => decoder.push(Buffer.from(hex, 'hex')),
      error => isJangadaError(error, 'digest_mismatch'),
    );
  });
}

test(`block header of the vectors: ${vectors.blockHeader.name}`, () => {
  const {offset, length, digest, hex} = vectors.blockHeader;
  const header = Buffer.alloc(blockHeaderSize);
  writeBlockHeader(header, {offset, length, digest: Buffer.from(digest, 'hex')});
  assert.equal(header.toString('hex'), hex);
  assert.equal(digestOf('sha256', pattern(length)).toString('hex'), digest);
});

for (const {name, bytes, wire} of vectors.paths) {
  test(`path of the vectors: ${name}`, () => {
    const path = nameFromBytes(Buffer.from(bytes, 'hex'));
    assert.deepEqual(pathToWire(path), wire);
    assert.equal(pathFromWire(wire), path);
    assert.equal(nameToBytes(path).toString('hex'), bytes);
  });
}

for (const algorithm of digestAlgorithms) {
  const skip = !availableAlgorithms().includes(algorithm) && `no ${algorithm} here`;
  for (const {size, [algorithm]: expected} of vectors.contents) {
    test(`${algorithm} digests of ${size} bytes of the pattern`, {skip}, () => {
      const content = pattern(size);
      const digests: Buffer[] = [];
      for (let offset = 0; offset < size; offset += blockSize) {
        digests.push(digestOf(algorithm, content.subarray(offset, offset + blockSize)));
      }

      assert.deepEqual(
        digests.map(digest => digest.toString('hex')),
        expected.digests,
      );
      assert.equal(rootDigest(algorithm, Buffer.concat(digests)).toString('hex'), expected.root);
    });
  }
}

for (const {masks, expected} of namesOf(vectors.masks)) {
  test(`masks of the vectors: ${JSON.stringify(masks)}`, () => {
    const judge = new MaskJudge(prepareMasks(masks));
    const matched = vectors.masks.names
      .map(pathFromWire)
      .filter(name =>
        judge.matches(name.replace(/\/$/, ''), name.endsWith('/') ? 'folder' : 'file'),
      );
    assert.deepEqual(matched, expected);
  });
}

for (const {name, hex} of vectors.badFrames.frames) {
  test(`not a frame, according to a vector: ${name}`, () => {
    const decoder = new FrameDecoder(new CollectingSink(), {accept: allKinds});
    assert.throws(
      () => decoder.push(Buffer.from(hex, 'hex')),
      error => isJangadaError(error, 'protocol'),
    );
  });
}

for (const {name, kind, hex} of vectors.badPayloads.frames) {
  test(`a bad request, according to a vector: ${name}`, () => {
    const sink = new CollectingSink();
    new FrameDecoder(sink, {accept: allKinds}).push(Buffer.from(hex, 'hex'));
    assert.equal(sink.frames.length, 1, 'the frame itself is good');
    assert.throws(
      () =>
        decodePayload(schemas[kind], Buffer.from(hex.slice(2 * headerSize), 'hex'), 'bad_request'),
      error => isJangadaError(error, 'bad_request'),
    );
  });
}

for (const mask of vectors.badMasks.masks) {
  test(`a bad mask, according to a vector: ${JSON.stringify(mask)}`, () => {
    assert.throws(
      () => prepareMasks([mask]),
      error => isJangadaError(error, 'bad_mask'),
    );
  });
}

for (const {mask, there, sent} of vectors.namesFirst.cases) {
  test(`a mask that may be a name, according to a vector: ${mask}, if ${there.join(' and ')} exists`, async () => {
    assert.deepEqual(await namesFirst([mask], async path => there.includes(path)), [sent]);
  });
}

function pattern(size: number): Buffer {
  return Buffer.from(Uint8Array.from({length: size}, (_, index) => index % 251));
}

/** `message` as JSON, with paths and names in the form in which they are sent. */
function asWire(message: object): string {
  return JSON.stringify(message, (_key, value: unknown) => {
    if (typeof value === 'string') {
      return pathToWire(value);
    }

    // `Buffer.toJSON` has already replaced a Buffer.
    const bytes = z.object({type: z.literal('Buffer'), data: z.array(z.int())}).safeParse(value);
    return bytes.success ? Buffer.from(bytes.data.data).toString('base64') : value;
  });
}
