/** Damages a partial file between two runs of a client. */
import {
  appendFileSync,
  closeSync,
  ftruncateSync,
  openSync,
  readFileSync,
  renameSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import {dirname, join} from 'node:path';
import {blockSize} from '../../../protocol/block.ts';
import type {Random} from '../random.ts';

const kinds: Readonly<Record<string, (path: string, bytes: Buffer, random: Random) => void>> = {
  'flipped bits': (path, bytes, random) => {
    for (let flips = random.between(1, 20); flips > 0; flips--) {
      const at = random.between(0, bytes.length - 1);
      bytes[at] = (bytes[at] ?? 0) ^ (1 << random.between(0, 7));
    }

    writeInPlace(path, bytes);
  },
  truncated: (path, bytes, random) => truncateSync(path, random.between(0, bytes.length - 1)),
  lengthened: (path, _bytes, random) =>
    appendFileSync(path, random.bytes(random.between(1, 3 * blockSize))),
  'a hole': (path, bytes, random) => {
    const from = random.between(0, bytes.length - 1);
    const to = random.between(from + 1, bytes.length);
    writeWithHole(path, bytes, from, to);
  },
  'other content': (path, bytes, random) => writeInPlace(path, random.bytes(bytes.length)),
  emptied: path => truncateSync(path, 0),
};

/** Damage the file at `path`, which is not empty. @returns the kind of damage. */
export function damage(path: string, random: Random): string {
  const kind = random.pick(Object.keys(kinds));
  kinds[kind]?.(path, readFileSync(path), random);
  return kind;
}

function writeInPlace(path: string, bytes: Buffer): void {
  const fd = openSync(path, 'r+');
  try {
    writeSync(fd, bytes, 0, bytes.length, 0);
  } finally {
    closeSync(fd);
  }
}

/** Write the bytes around the hole to a new file, so that the disk has nothing in the hole, and give it the name. */
function writeWithHole(path: string, bytes: Buffer, from: number, to: number): void {
  // A short name: the name of the partial file may already have the greatest length.
  const fresh = join(dirname(path), 'fresh');
  writeFileSync(fresh, '');
  const fd = openSync(fresh, 'r+');
  try {
    ftruncateSync(fd, bytes.length);
    writeSync(fd, bytes, 0, from, 0);
    writeSync(fd, bytes, to, bytes.length - to, to);
  } finally {
    closeSync(fd);
  }

  renameSync(fresh, path);
}
