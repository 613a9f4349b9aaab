/** The data to transfer: each recipe makes the same kind of folder at any scale. */
import {randomFillSync} from 'node:crypto';
import {mkdirSync, writeFileSync} from 'node:fs';
import {open} from 'node:fs/promises';
import path from 'node:path';

const MiB = 1_048_576;
const filesPerFolder = 100;
/** The memory of a small file in bytes: at least a page, and something for its name and its inode. */
const costOfFile = 6144;

/** Data in its own folder. */
export type Data = {
  /** A description: how much of what. */
  readonly about: string;
  /** Bytes of all files. */
  readonly bytes: number;
  readonly files: number;
  /** Bytes that the files take in memory or on a disk. */
  readonly room: number;
  make(folder: string): Promise<void>;
};

/** @param scale 1 is the scale of the goals; smaller data only shows that everything works. */
export type Recipe = {readonly name: string; at(scale: number): Data};

/** `large.bin`: 1 GiB of random bytes, which cannot be compressed. */
export const large: Recipe = {
  name: 'large',
  at: scale => noise('large.bin', Math.max(2, Math.round(1024 * scale)) * MiB),
};

/** `large.bin`: 100 MB for a long link. Scaled down less, or the first round trips would be most of its time. */
export const linkLarge: Recipe = {
  name: 'link-large',
  at: scale => noise('large.bin', Math.round(100_000_000 * Math.sqrt(scale))),
};

/** `small/`: folders with a hundred files each. */
export function small(count: number, bytes: number): Recipe {
  return {
    name: `small-${count}-of-${bytes}`,
    at: scale => smallFiles(Math.max(20, Math.round(count * scale)), bytes),
  };
}

/** `entries/`: one folder with a great many empty files. */
export const entries: Recipe = {
  name: 'entries',
  at(scale) {
    const count = Math.max(100, Math.round(100_000 * scale));
    return {
      about: `${count} entries of one folder`,
      ...{bytes: 0, files: count, room: count * costOfFile},
      async make(folder) {
        mkdirSync(path.join(folder, 'entries'));
        for (let index = 0; index < count; index++) {
          // The order of names differs from the order of creation.
          const number = String((index * 7919) % count).padStart(8, '0');
          writeFileSync(path.join(folder, 'entries', `entry-${number}-${index}`), '');
        }
      },
    };
  },
};

/** `text.log`: lines like those in the log of a web server. */
export const text: Recipe = {
  name: 'text',
  at(scale) {
    const bytes = Math.round(500_000_000 * scale);
    return {
      about: `${shown(bytes)} of text`,
      ...{bytes, files: 1, room: bytes + costOfFile},
      make: folder => writeText(path.join(folder, 'text.log'), bytes),
    };
  },
};

/** The paths of the files of `small`. */
export function smallNames(count: number): string[] {
  return Array.from(
    {length: count},
    (_, index) => `small/folder-${Math.floor(index / filesPerFolder)}/file-${index}.bin`,
  );
}

function noise(name: string, bytes: number): Data {
  return {
    about: `one file of ${shown(bytes)}`,
    ...{bytes, files: 1, room: bytes + costOfFile},
    async make(folder) {
      const block = Buffer.allocUnsafe(MiB);
      await using handle = await open(path.join(folder, name), 'w');
      for (let left = bytes; left > 0; left -= MiB) {
        await handle.write(randomFillSync(block), 0, Math.min(left, MiB));
      }
    },
  };
}

function smallFiles(count: number, size: number): Data {
  return {
    about: `${count} files of ${shown(size)}`,
    ...{bytes: count * size, files: count, room: count * Math.max(size, costOfFile)},
    async make(folder) {
      const bytes = Buffer.allocUnsafe(size);
      for (const [index, name] of smallNames(count).entries()) {
        const file = path.join(folder, name);
        if (index % filesPerFolder === 0) {
          mkdirSync(path.dirname(file), {recursive: true});
        }

        writeFileSync(file, randomFillSync(bytes));
      }
    },
  };
}

/** Write log lines with varying words and numbers: the text compresses to about a fifth. */
async function writeText(file: string, bytes: number): Promise<void> {
  const next = numbers(1);
  const pick = (of: readonly string[]) => of[next() % of.length] ?? '';
  const methods = ['GET', 'GET', 'GET', 'POST', 'HEAD'];
  const folders = ['photos', 'films', 'archive', 'music', 'notes', 'maps'];
  const places = ['lisboa', 'natal', 'recife', 'porto', 'fortaleza', 'olinda', 'belem', 'faro'];
  const agents = ['Mozilla/5.0 (X11; Linux x86_64)', 'curl/8.9.1', 'jangada/0.1.0', 'Wget/1.21'];
  let at = Date.UTC(2026, 0, 1);
  await using handle = await open(file, 'w');
  for (let left = bytes; left > 0; ) {
    let part = '';
    while (part.length < MiB) {
      at += next() % 900;
      const name = `${pick(folders)}/${pick(places)}/IMG_${String(next() % 100_000).padStart(5, '0')}.jpg`;
      const client = `10.${next() % 256}.${next() % 256}.${next() % 256}`;
      part += `${new Date(at).toISOString()} ${client} "${pick(methods)} /${name}" 200 ${next() % 9_000_000} ${next() % 4000}ms "${pick(agents)}"\n`;
    }

    const {bytesWritten} = await handle.write(Buffer.from(part).subarray(0, left));
    left -= bytesWritten;
  }
}

/** The same sequence of numbers each time (a linear congruential generator). */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 4;
  };
}

function shown(bytes: number): string {
  if (bytes % (1024 * MiB) === 0) {
    return `${bytes / (1024 * MiB)} GiB`;
  }

  if (bytes % MiB === 0) {
    return `${bytes / MiB} MiB`;
  }

  return bytes % 1024 === 0 ? `${bytes / 1024} KiB` : `${(bytes / 1e6).toFixed(0)} MB`;
}
