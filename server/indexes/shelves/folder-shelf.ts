/**
 * Digests in files of a folder, for servers on several machines that have a file system in common, whose locks cannot be
 * trusted. A section has a folder, and each server writes a file of its own there, as a whole, and reads those of all:
 *
 *     DIR/ab/cdef…/WRITER      sections, by the first two digits of their names
 *
 * Of two digests of one block, the one in the newer file counts: its server did not believe the other, and has computed
 * it anew.
 */
import {Buffer} from 'node:buffer';
import {randomBytes} from 'node:crypto';
import {
  closeSync,
  constants,
  fstatSync,
  futimesSync,
  lstatSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  type Stats,
  writeFileSync,
} from 'node:fs';
import {join} from 'node:path';
import {blockSize} from '../../../protocol/block.ts';
import {systemErrorCode} from '../../../protocol/errors.ts';
import {makeOwnFolder} from '../../../protocol/program/make-own-folder.ts';
import {readFully} from '../../../protocol/read-fully.ts';
import type {DigestRun} from '../digest-shelf.ts';
import type {BlockingShelf, SectionToSave} from './blocking-shelf.ts';
import {
  decodeSection,
  encodeSection,
  isComplete,
  joinRuns,
  maxSectionBytes,
  type SectionKey,
  sectionName,
} from './section-bytes.ts';
import {newSuffix, sweepRoom} from './sweep-room.ts';

/** 1 GiB has the digests of 32 TiB. */
const defaultLimitBytes = 1_073_741_824;

/** Rooms are the folders of the first level, each of which has its share of the limit. */
const rooms = 256;

/** A room is swept about eight times while as much is written into it as it may hold. */
const sweepsPerFill = 8;

/** Files of a section that are read. */
const mostFiles = 64;

const writerName = /^[0-9a-f]{16}$/;

const dayMs = 86_400_000;

type FolderShelfOptions = {
  limitBytes?: number;
  /** The name of this server's files, 16 hexadecimal digits: unlike that of any other server's. */
  writer?: string;
  /** A number from 0 to 1 that nobody can foresee. */
  chance?: () => number;
};

export class FolderShelf implements BlockingShelf {
  readonly #folder: string;
  readonly #roomBytes: number;
  readonly #writer: string;
  readonly #chance: () => number;

  constructor(folder: string, options: FolderShelfOptions = {}) {
    const {limitBytes = defaultLimitBytes, chance = Math.random} = options;
    this.#folder = folder;
    this.#roomBytes = limitBytes / rooms;
    this.#writer = options.writer ?? randomBytes(8).toString('hex');
    this.#chance = chance;
  }

  load(key: SectionKey): DigestRun[] {
    if (!isWorthAFile(key)) {
      return [];
    }

    const place = this.#placeOf(key);
    let runs: DigestRun[] = [];
    for (const name of newestFirst(place).slice(0, mostFiles)) {
      runs = joinRuns(key, [...runs, ...readSection(key, join(place, name))]);
      if (isComplete(key, runs)) {
        break;
      }
    }

    return runs;
  }

  save(sections: readonly SectionToSave[]): void {
    for (const {key, runs} of sections) {
      if (isWorthAFile(key)) {
        this.#save(key, runs);
      }
    }
  }

  close(): void {}

  #save(key: SectionKey, runs: readonly DigestRun[]): void {
    const place = this.#placeOf(key);
    const own = join(place, this.#writer);
    const all = joinRuns(key, [...runs, ...readSection(key, own)]);
    const bytes = encodeSection(key, all);
    try {
      replace(own, bytes);
    } catch (error) {
      if (systemErrorCode(error) !== 'ENOENT') {
        throw error;
      }

      makeOwnFolder(place);
      replace(own, bytes);
    }

    if (isComplete(key, all)) {
      for (const name of this.#needless(key, place, bytes)) {
        rmSync(join(place, name), {force: true});
      }
    }

    // By chance, so that nothing has to be counted, by several servers and beyond a restart.
    if (this.#chance() < (bytes.length * sweepsPerFill) / this.#roomBytes) {
      sweepRoom(join(place, '..'), this.#roomBytes);
    }
  }

  /** The files of others that the one of this server makes needless, which has `bytes`: all digests of the section. */
  #needless(key: SectionKey, place: string, bytes: Buffer): string[] {
    const all = decodeSection(key, bytes);
    const names = newestFirst(place);
    const own = names.indexOf(this.#writer);
    return names.filter((name, at) => {
      const joined = joinRuns(key, [...readSection(key, join(place, name)), ...all]);
      // Two servers that have all must not remove each other's: of the same digests the file with the first name stays,
      // of others the newest.
      return encodeSection(key, joined).equals(bytes)
        ? name > this.#writer
        : own !== -1 && at > own;
    });
  }

  #placeOf(key: SectionKey): string {
    const name = sectionName(key);
    return join(this.#folder, name.slice(0, 2), name.slice(2));
  }
}

/** To read a file of one block takes no longer than to read the one with its digest. */
function isWorthAFile({file}: SectionKey): boolean {
  return file.size > blockSize;
}

/** The finished files in a folder of a section. */
function newestFirst(place: string): string[] {
  let names: string[];
  try {
    names = readdirSync(place);
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') {
      return [];
    }

    throw error;
  }

  return names
    .filter(name => writerName.test(name))
    .map(name => {
      const stats = lstatSync(join(place, name), {throwIfNoEntry: false});
      return {name, mtimeMs: stats?.mtimeMs ?? 0};
    })
    .sort((one, other) => other.mtimeMs - one.mtimeMs || (one.name < other.name ? -1 : 1))
    .map(({name}) => name);
}

/** The digests in a file; none if it is not there, or not as it has to be. */
function readSection(key: SectionKey, path: string): DigestRun[] {
  let descriptor: number;
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch {
    // Another server has removed it, or it is a link or another user's.
    return [];
  }

  try {
    const stats = fstatSync(descriptor);
    if (!stats.isFile() || stats.size > maxSectionBytes) {
      return [];
    }

    const bytes = Buffer.allocUnsafeSlow(stats.size);
    const length = readFully(descriptor, bytes, bytes.length, 0);
    markUsed(descriptor, stats);
    return decodeSection(key, bytes.subarray(0, length));
  } finally {
    closeSync(descriptor);
  }
}

/** The files that were not used for longest are swept away first. The time of the last change tells which is newer. */
function markUsed(descriptor: number, {atimeMs, mtime, mtimeMs}: Stats): void {
  if (Date.now() - Math.max(atimeMs, mtimeMs) > dayMs) {
    try {
      futimesSync(descriptor, new Date(), mtime);
    } catch {
      // It belongs to another user, whose server uses it itself.
    }
  }
}

/** Others see all of the file as it was before, or all of this. What a crash leaves of it has a wrong checksum. */
function replace(path: string, bytes: Buffer): void {
  writeFileSync(path + newSuffix, bytes, {mode: 0o600});
  renameSync(path + newSuffix, path);
}
