/**
 * Digests in objects of the bucket itself, for all its servers. Each section has a folder:
 *
 *     PREFIX.jangada-digests/SECTION/CONTENT      64 and 32 hexadecimal digits
 *
 * The name of an object is a hash of its content, so an object never changes. A server with more digests writes a new
 * object, and then removes the objects that have only a part of these digests; so nothing is lost, whatever other servers
 * write. If two objects have different digests of one block, the newer object wins: its server did not trust the older
 * digest and computed it again.
 */
import {Buffer} from 'node:buffer';
import {hash} from 'node:crypto';
import {blockSize, digestSize} from '../../../protocol/block.ts';
import {isJangadaError} from '../../../protocol/errors.ts';
import type {DigestRun, DigestShelf, ShelvedFile} from '../../indexes/digest-shelf.ts';
import {
  decodeSection,
  encodeSection,
  isComplete,
  joinRuns,
  maxSectionBytes,
  type SectionKey,
  sectionName,
} from '../../indexes/shelves/section-bytes.ts';
import type {BlockSpan} from '../store.ts';
import {digestsFolder} from './keys.ts';
import type {S3Client} from './s3/s3-client.ts';

/** The most objects of a section to read. Two servers at work leave two. */
const mostObjects = 64;

/** The most sections whose objects are remembered. */
const mostRemembered = 256;

const nameLength = 32;

/** How long a refusal counts, in milliseconds: somebody may have corrected the rights of the access keys. */
const refusalMs = 600_000;

export class BucketShelf implements DigestShelf {
  readonly #s3: S3Client;
  readonly #prefix: string;
  /** The blocks in each object that this process has read or written, by folder and name. */
  readonly #known = new Map<string, Map<string, readonly BlockSpan[]>>();
  /** When the bucket last refused a write. */
  #writeRefusedAt = Number.NEGATIVE_INFINITY;
  /** When the bucket last refused to remove an object. */
  #removalRefusedAt = Number.NEGATIVE_INFINITY;

  /** @param prefix the prefix of the keys of all served objects. */
  constructor(s3: S3Client, prefix: string) {
    this.#s3 = s3;
    this.#prefix = prefix;
  }

  async load(file: ShelvedFile, section: number): Promise<readonly DigestRun[]> {
    if (!isWorthAnObject(file)) {
      return [];
    }

    const key = {file, section};
    const folder = this.#folderOf(key);
    let runs: DigestRun[] = [];
    for (const name of await this.#newestFirst(folder)) {
      const own = await this.#read(key, folder + name);
      this.#remember(folder, name, own);
      runs = joinRuns(key, [...runs, ...own]);
      if (isComplete(key, runs)) {
        break;
      }
    }

    return runs;
  }

  async save(file: ShelvedFile, section: number, runs: readonly DigestRun[]): Promise<void> {
    if (isRecent(this.#writeRefusedAt) || !isWorthAnObject(file)) {
      return;
    }

    const key = {file, section};
    const folder = this.#folderOf(key);
    const all = joinRuns(key, runs);
    if (this.#mayNotRemove && !isComplete(key, all)) {
      return;
    }

    const bytes = encodeSection(key, all);
    const name = hash('sha256', bytes, 'hex').slice(0, nameLength);
    await this.#write(folder + name, bytes);
    await this.#removeOthers(key, {folder, name, runs: all});
    this.#remember(folder, name, all);
  }

  close(): void {}

  /** Whether the bucket has just refused to remove an object: each save would then leave one more object. */
  get #mayNotRemove(): boolean {
    return isRecent(this.#removalRefusedAt);
  }

  #folderOf(key: SectionKey): string {
    return `${this.#prefix}${digestsFolder}/${sectionName(key)}/`;
  }

  /** The objects of a section, the newest first; with equal seconds, the largest first. */
  async #newestFirst(folder: string): Promise<string[]> {
    const {items} = await this.#s3.keys({prefix: folder, folders: false, most: mostObjects});
    return items
      .flatMap(item => (item.kind === 'object' && item.size <= maxSectionBytes ? [item] : []))
      .sort(
        (one, other) =>
          other.mtimeMs - one.mtimeMs || other.size - one.size || (one.key < other.key ? -1 : 1),
      )
      .map(({key}) => key.slice(folder.length))
      .filter(name => /^[0-9a-f]+$/.test(name) && name.length === nameLength);
  }

  /** The digests in an object; none if another server has removed it, or it is invalid. */
  async #read(key: SectionKey, objectKey: string): Promise<DigestRun[]> {
    try {
      const {size} = await this.#s3.head(objectKey);
      const bytes = Buffer.alloc(Math.min(size, maxSectionBytes));
      await this.#s3.whole(objectKey, bytes);
      return decodeSection(key, bytes);
    } catch (error) {
      if (isJangadaError(error, 'not_found')) {
        return [];
      }

      throw error;
    }
  }

  async #write(objectKey: string, bytes: Buffer): Promise<void> {
    try {
      await this.#s3.write(objectKey, bytes);
    } catch (error) {
      if (isJangadaError(error, 'forbidden')) {
        this.#writeRefusedAt = performance.now();
      }

      throw error;
    }
  }

  /** Remove the objects of a section that have only digests of this one. */
  async #removeOthers(
    key: SectionKey,
    {folder, name, runs}: {folder: string; name: string; runs: readonly DigestRun[]},
  ): Promise<void> {
    if (this.#mayNotRemove) {
      return;
    }

    const others = isComplete(key, runs)
      ? await this.#olderThan(folder, name)
      : this.#knownWithin(folder, spansOf(runs));
    try {
      for (const other of others) {
        await this.#s3.remove(folder + other);
        this.#known.get(folder)?.delete(other);
      }
    } catch (error) {
      if (!isJangadaError(error, 'forbidden')) {
        throw error;
      }

      this.#removalRefusedAt = performance.now();
    }
  }

  /** Only older objects: two servers with different digests would otherwise remove each other's objects. */
  async #olderThan(folder: string, name: string): Promise<string[]> {
    const names = await this.#newestFirst(folder);
    const own = names.indexOf(name);
    return own === -1 ? [] : names.slice(own + 1);
  }

  /** The known objects that have only a part of the blocks in `spans`. */
  #knownWithin(folder: string, spans: readonly BlockSpan[]): string[] {
    return [...(this.#known.get(folder) ?? [])]
      .filter(([, own]) => isWithin(own, spans) && !isWithin(spans, own))
      .map(([name]) => name);
  }

  #remember(folder: string, name: string, runs: readonly DigestRun[]): void {
    const known = this.#known.get(folder) ?? new Map<string, readonly BlockSpan[]>();
    this.#known.delete(folder);
    this.#known.set(folder, known.set(name, spansOf(runs)));
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= mostRemembered) {
        return;
      }

      this.#known.delete(oldest);
    }
  }
}

/** Whether a refusal at `refusedAt` still counts. */
function isRecent(refusedAt: number): boolean {
  return performance.now() - refusedAt < refusalMs;
}

/** A file of one block needs no digest object: reading the block takes no longer than reading its digest. */
function isWorthAnObject({size}: ShelvedFile): boolean {
  return size > blockSize;
}

function spansOf(runs: readonly DigestRun[]): BlockSpan[] {
  return runs.map(({first, digests}) => ({from: first, to: first + digests.length / digestSize}));
}

/** Whether every span is within one of `others`, which do not touch each other. */
function isWithin(spans: readonly BlockSpan[], others: readonly BlockSpan[]): boolean {
  return spans.every(({from, to}) => others.some(other => other.from <= from && to <= other.to));
}
