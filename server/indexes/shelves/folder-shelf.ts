/**
 * Digests in files of a folder, for servers on several machines that share a file system whose locks are not reliable.
 * Each section has a folder. Each server replaces only its own file there, as a whole, and reads the files of all servers:
 *
 *     DIR/ab/cdef…/WRITER      sections, by the first two digits of their names
 *
 * If two files have different digests of one block, the newer file wins: its server did not trust the older digest and
 * computed it again.
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

/** 1 GiB holds the digests of 32 TiB. */
const defaultLimitBytes = 1_073_741_824;

/** Rooms are the folders of the first level. Each has an equal share of the limit. */
const rooms = 256;

/** A room is swept about eight times while its limit in bytes is written into it. */
const sweepsPerFill = 8;

/** The most files of a section to read. */
const mostFiles = 64;

const writerName = /^[0-9a-f]{16}$/;

const dayMs = 86_400_000;

type FolderShelfOptions = {
  limitBytes?: number;
  /** The name of this server's files, 16 hexadecimal digits, different from that of any other server. */
  writer?: string;
  /** Gives a random number from 0 to 1. */
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
    // A section that fails, for example because a file is in its place, must not keep the others from being saved.
    const faults: unknown[] = [];
    for (const {key, runs} of sections.filter(({key}) => isWorthAFile(key))) {
      try {
        this.#save(key, runs);
      } catch (error) {
        faults.push(error);
      }
    }

    if (faults.length > 0) {
      throw faults[0];
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

    // Sweep at random: counting would need a counter that several servers share and that survives a restart.
    if (this.#chance() < (bytes.length * sweepsPerFill) / this.#roomBytes) {
      sweepRoom(join(place, '..'), this.#roomBytes);
    }
  }

  /** The files of other servers that are needless because this server's file, with `bytes`, has all digests of the section. */
  #needless(key: SectionKey, place: string, bytes: Buffer): string[] {
    const all = decodeSection(key, bytes);
    const names = newestFirst(place);
    const own = names.indexOf(this.#writer);
    return names.filter((name, at) => {
      const joined = joinRuns(key, [...readSection(key, join(place, name)), ...all]);
      // Two servers with all digests must not remove each other's file: with equal digests the file with the first name stays,
      // with different ones the newest.
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

/** A file of one block needs no digest file: reading the block takes no longer than reading its digest. */
function isWorthAFile({file}: SectionKey): boolean {
  return file.size > blockSize;
}

/** The complete files of a section. */
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

/** The digests in a file; none if it is missing or invalid. */
function readSection(key: SectionKey, path: string): DigestRun[] {
  let descriptor: number;
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch {
    // Another server has removed the file, or it is a link, or it belongs to another user.
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

/** Set the access time once a day: sweeping removes the least recently used files first. Keep `mtime`: it shows which is newer. */
function markUsed(descriptor: number, {atimeMs, mtime, mtimeMs}: Stats): void {
  if (Date.now() - Math.max(atimeMs, mtimeMs) > dayMs) {
    try {
      futimesSync(descriptor, new Date(), mtime);
    } catch {
      // The file belongs to another user, whose server marks it.
    }
  }
}

/** Replace the file at once: other servers see all of the old file or all of the new one. A checksum reveals a crash. */
function replace(path: string, bytes: Buffer): void {
  writeFileSync(path + newSuffix, bytes, {mode: 0o600});
  renameSync(path + newSuffix, path);
}
