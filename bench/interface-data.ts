/** Folders for the full screen: one with a great many entries, one with a tenth of them, one to download. */
import {randomFillSync} from 'node:crypto';
import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {log} from './report/lines.ts';
import {chooseFolder} from './running/places.ts';

const MiB = 1_048_576;
/** Bytes of each download: at the limited rate, downloads last longer than the measurement. */
const downloadSize = 64 * MiB;
/** Bytes that an empty file takes in a folder in memory; a generous estimate. */
const entryCost = 2048;

type Folder = {readonly name: string; readonly entries: number};

export type InterfaceData = AsyncDisposable & {
  /** The served folder. */
  readonly source: string;
  readonly all: Folder;
  /** A tenth of `all`. */
  readonly some: Folder;
  readonly downloads: Folder;
  /** A new empty folder. */
  makeFolder(name: string): string;
};

export async function makeInterfaceData(options: {
  entries: number;
  downloads: number;
}): Promise<InterfaceData> {
  const needed = options.entries * 1.1 * entryCost + options.downloads * 5 * downloadSize;
  const folder = mkdtempSync(path.join(chooseFolder(needed), 'jangada bench '));
  const source = path.join(folder, 'source');
  const all = {name: 'all', entries: options.entries};
  const some = {name: 'some', entries: Math.ceil(options.entries / 10)};
  const downloads = {name: 'downloads', entries: options.downloads};
  log(`Making ${all.entries + some.entries} empty files in ${folder}`);
  for (const {name, entries} of [all, some]) {
    mkdirSync(path.join(source, name), {recursive: true});
    for (let index = 0; index < entries; index++) {
      // The order of names differs from the order in the folder, and sizes differ.
      const number = String((index * 7919) % entries).padStart(8, '0');
      writeFileSync(path.join(source, name, `entry-${number}-${index}`), 'x'.repeat(index % 7));
    }
  }

  mkdirSync(path.join(source, downloads.name));
  for (let index = 0; index < downloads.entries; index++) {
    const bytes = randomFillSync(Buffer.allocUnsafe(downloadSize));
    writeFileSync(path.join(source, downloads.name, `film-${index}.bin`), bytes);
  }

  let made = 0;
  return {
    ...{source, all, some, downloads},
    makeFolder(name) {
      const empty = path.join(folder, `${name} ${++made}`);
      mkdirSync(empty);
      return empty;
    },
    async [Symbol.asyncDispose]() {
      rmSync(folder, {recursive: true, force: true});
    },
  };
}
