import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import {spawnSync} from 'node:child_process';
import {createHash} from 'node:crypto';
import process from 'node:process';
import {test} from 'node:test';
import fc from 'fast-check';
import {
  availableAlgorithms,
  blockCount,
  blockLength,
  blockSize,
  chooseAlgorithm,
  digestOf,
  digestSize,
  rootDigest,
} from '../../protocol/block.ts';
import {withTypeScript} from '../fixtures/with-typescript.ts';

test('the blocks of a file cover it exactly', () => {
  fc.assert(
    fc.property(fc.nat({max: 40 * blockSize}), size => {
      let total = 0;
      for (let index = 0; index < blockCount(size); index++) {
        const length = blockLength(size, index);
        assert.ok(length > 0 && length <= blockSize);
        total += length;
      }

      assert.equal(total, size);
      assert.equal(blockLength(size, blockCount(size)), 0);
    }),
  );
});

const counts: ReadonlyArray<[size: number, blocks: number]> = [
  [0, 0],
  [1, 1],
  [blockSize, 1],
  [blockSize + 1, 2],
  [2 ** 53 - 1, 2 ** 33],
];

for (const [size, blocks] of counts) {
  test(`a file of ${size} bytes has ${blocks} blocks`, () => {
    assert.equal(blockCount(size), blocks);
  });
}

test('SHA-256 digests are those of the platform', () => {
  fc.assert(
    fc.property(fc.uint8Array({maxLength: 2000}), bytes => {
      const expected = createHash('sha256').update(bytes).digest('hex');
      assert.equal(digestOf('sha256', bytes).toString('hex'), expected);
    }),
  );
});

for (const algorithm of availableAlgorithms()) {
  test(`${algorithm} digests have 32 bytes, and the root digest is the digest of all block digests`, () => {
    const digests = Buffer.concat([
      digestOf(algorithm, Buffer.from('a')),
      digestOf(algorithm, Buffer.from('b')),
    ]);
    assert.equal(digests.length, 2 * digestSize);
    assert.deepEqual(rootDigest(algorithm, digests), digestOf(algorithm, digests));
  });
}

test('the algorithm is the first one of this side that the peer also offers', () => {
  assert.equal(chooseAlgorithm(['sha256']), 'sha256');
  assert.equal(chooseAlgorithm(['sha256', 'blake3']), availableAlgorithms()[0]);
  assert.equal(chooseAlgorithm([]), 'sha256');
});

test('without the optional library of BLAKE3, SHA-256 is chosen even if the peer offers both', () => {
  const module = new URL('../../protocol/block.ts', import.meta.url);
  const script = `
    import {registerHooks} from 'node:module';
    registerHooks({
      resolve(name, context, next) {
        if (name === '@napi-rs/blake-hash') throw new Error('It is not installed');
        return next(name, context);
      },
    });
    const {availableAlgorithms, chooseAlgorithm, digestOf, startHash} = await import('${module.href}');
    console.log(...availableAlgorithms(), chooseAlgorithm(['blake3', 'sha256']));
    for (const hash of [() => digestOf('blake3', Buffer.alloc(1)), () => startHash('blake3')]) {
      try {
        hash();
      } catch ({code, message}) {
        console.log(code, message);
      }
    }`;
  const words = [...withTypeScript, '--input-type=module', '--eval', script];
  const ran = spawnSync(process.execPath, words, {encoding: 'utf8'});
  const refusal = 'bad_request BLAKE3 is not available here\n';
  assert.equal(ran.stdout, `sha256 sha256\n${refusal}${refusal}`, ran.stderr);
});
