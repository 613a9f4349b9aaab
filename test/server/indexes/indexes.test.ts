import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import {spawnSync} from 'node:child_process';
import process from 'node:process';
import {test} from 'node:test';
import {fileURLToPath} from 'node:url';
import {DigestIndex} from '../../../server/indexes/digest-index.ts';
import {HashIndex} from '../../../server/indexes/hash-index.ts';
import type {StoredFile} from '../../../server/store/store.ts';
import {withTypeScript} from '../../fixtures/with-typescript.ts';

const block = 1_048_576;

test('digests are remembered for the state of a file, but not while the file has just changed', () => {
  const index = new DigestIndex();
  const file = (state: string | undefined) => ({size: 3 * block, state}) as StoredFile;
  const digest = Buffer.alloc(32, 7);
  index.for(file('one'), 'sha256').set(1, digest);
  assert.deepEqual(index.for(file('one'), 'sha256').get(1), digest);
  assert.equal(index.for(file('one'), 'blake3').get(1), undefined);
  assert.equal(index.for(file('other'), 'sha256').get(1), undefined);
  index.for(file(undefined), 'sha256').set(1, digest);
  assert.equal(index.for(file(undefined), 'sha256').get(1), undefined);
});

test('memory has a limit, and the least recently used digests and hashes are dropped first', () => {
  const index = new DigestIndex({limitBytes: 100_000});
  const file = (state: string) => ({size: 300 * block, state}) as StoredFile;
  const fill = (state: string) => {
    const digests = index.for(file(state), 'sha256');
    for (let number = 0; number < 300; number++) {
      digests.set(number, Buffer.alloc(32, number));
    }
  };
  fill('used');
  for (let number = 0; number < 50; number++) {
    fill(`file ${number}`);
    assert.ok(index.bytes <= 100_000);
    assert.equal(index.for(file('used'), 'sha256').count, 300);
  }

  assert.equal(index.for(file('file 3'), 'sha256').count, 0);
  const hashes = new HashIndex(2);
  for (const state of ['a', 'b', 'c']) {
    hashes.set({state} as StoredFile, {algorithm: 'sha1', length: 1}, state);
  }

  const known = ['a', 'b', 'c'].map(state =>
    hashes.get({state} as StoredFile, {algorithm: 'sha1', length: 1}),
  );
  assert.deepEqual(known, [undefined, 'b', 'c']);
});

test('the limit of memory counts the names of files, two bytes a character', () => {
  const index = new DigestIndex({limitBytes: 100_000});
  const name = 'x'.repeat(4000);
  const file = (number: number) =>
    ({size: 2 * block, state: 'one', path: `${name}${number}`}) as StoredFile;
  for (let number = 0; number < 20; number++) {
    index.for(file(number), 'sha256').set(1, Buffer.alloc(32, 1));
  }

  // A look at a file that was dropped adds it, and drops another one: begin with the last.
  let kept = 0;
  while (kept < 20 && index.for(file(19 - kept), 'sha256').count > 0) {
    kept++;
  }

  // 8,000 bytes for a name, and some hundred for the file and its digests.
  assert.ok(kept >= 9 && kept <= 11, `${kept} files`);
});

test('a hash that was just used is not the next one to be dropped', () => {
  const hashes = new HashIndex(2);
  const question = {algorithm: 'sha1', length: 1} as const;
  const set = (state: string) => hashes.set({state} as StoredFile, question, state);
  const get = (state: string) => hashes.get({state} as StoredFile, question);
  set('a');
  set('b');
  assert.equal(get('a'), 'a');
  set('c');
  assert.deepEqual([get('a'), get('b'), get('c')], ['a', undefined, 'c']);
});

test('if two requests compute the digest of a block, the block counts once', () => {
  const digests = new DigestIndex().for({size: 3 * block, state: 'one'} as StoredFile, 'sha256');
  for (let time = 0; time < 3; time++) {
    digests.set(1, Buffer.alloc(32, 7));
  }

  assert.deepEqual([digests.count, digests.root], [1, undefined]);
});

test('digests that are added to a dropped file take no memory from others', () => {
  const index = new DigestIndex({limitBytes: 100_000});
  const file = (state: string) => ({size: 300 * block, state}) as StoredFile;
  const digest = Buffer.alloc(32, 7);
  const forgotten = index.for(file('forgotten'), 'sha256');
  for (let number = 0; number < 200; number++) {
    index.for(file(`file ${number}`), 'sha256').set(0, digest);
  }

  const before = index.bytes;
  forgotten.set(0, digest);
  forgotten.set(299, digest);
  assert.equal(index.bytes, before);
});

const filler = fileURLToPath(new URL('../../fixtures/fill-digest-index.ts', import.meta.url));

for (const [blocks, files] of [
  [1, 60_000],
  [2, 30_000],
  [300, 3000],
] as const) {
  test(`the memory of an index is within its limit: files of ${blocks} blocks`, () => {
    const limit = 16_777_216;
    const ran = spawnSync(
      process.execPath,
      ['--expose-gc', ...withTypeScript, filler, `${blocks}`, `${files}`, `${limit}`],
      {encoding: 'utf8'},
    );
    assert.equal(ran.status, 0, ran.stderr);
    const [grown = 0, counted = 0] = ran.stdout.split(' ').map(Number);
    assert.ok(counted <= limit && counted > limit * 0.9, `${counted} bytes are counted`);
    // Versions of Node differ in how much memory they need.
    assert.ok(grown < limit * 1.25, `${grown} bytes are used`);
  });
}
