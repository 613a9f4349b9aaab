/** Requests as a client sends them, for files that exist and for some that do not. */
import type {Random} from '../chaos/random.ts';
import {kinds, rawFrame} from '../fixtures/server/server-raw-peer.ts';

const blockSize = 1_048_576;

const paths = [
  'small',
  'empty',
  'large',
  'folder',
  'folder/inner',
  '',
  'nothing',
  'folder/nothing',
];

/** The frames of `count` requests. */
export function requests(count: number, random: Random): Buffer[] {
  return Array.from({length: count}, () => request(random));
}

function request(random: Random): Buffer {
  const path = random.pick(paths);
  const algorithm = random.pick([undefined, 'sha256', 'blake3']);
  const version = random.chance(0.1) ? 'another' : undefined;
  const [kind, message] = random.pick<() => [number, object]>([
    () => [kinds.list, {path}],
    () => [kinds.stat, {path}],
    () => [kinds.find, {path: '', masks: masks(random), folders: random.pick([undefined, true])}],
    () => [kinds.digests, {path, algorithm, version, ...blockRange(random)}],
    () => [
      kinds.get,
      {path, algorithm, version, ranges: ranges(random), compress: random.pick(compressions)},
    ],
    () => [kinds.hash, {path, length: random.pick([undefined, 0, 1, blockSize, 2 ** 40])}],
    () => [kinds.filesRequest, {files: someFiles(random), algorithm}],
    () => [kinds.roots, {files: filesToRoot(random), algorithm}],
    () => [kinds.ping, {}],
  ])();
  return rawFrame(kind, JSON.stringify(message));
}

const compressions = [
  undefined,
  undefined,
  ['zstd'],
  ['other', 'zstd'],
  ['other'],
  [],
  'zstd',
  [1],
];

function someFiles(random: Random): unknown[] {
  const sizes = [0, 5, 5, 65_536, 65_537];
  return Array.from({length: random.between(0, 100)}, () => [
    random.pick(paths),
    random.pick(sizes),
  ]);
}

function filesToRoot(random: Random): unknown[] {
  return Array.from({length: random.between(0, 5)}, () =>
    random.pick([[random.pick(paths)], [random.pick(paths), random.between(-1, 9)]]),
  );
}

function masks(random: Random): string[] {
  const all = ['**', '*', '**/inner', 'folder/**', '!small', '[a-z]*', '{small,large}', '?mall'];
  return Array.from({length: random.between(1, 3)}, () => random.pick(all));
}

function blockRange(random: Random): {from?: number; to?: number} {
  const from = random.between(0, 3);
  return random.pick([{}, {from}, {from, to: from}, {from, to: random.between(from, 4)}]);
}

function ranges(random: Random): number[][] | undefined {
  return random.pick([
    ...[undefined, [], [[0, blockSize]], [[blockSize, blockSize]], [[0, 5]], [[0, 6]], [[5, 5]]],
    [
      [0, blockSize],
      [2 * blockSize, 77],
    ],
  ]);
}
