/**
 * Digests in objects of the bucket itself, for all servers of it. A section has a folder of its own:
 *
 *     PREFIX.jangada-digests/SECTION/CONTENT      64 and 32 hexadecimal digits
 *
 * An object is named after its content, and never has another. Who has more digests writes another object, and then
 * removes those that have none but these; so nothing is lost, whatever others write. Of two digests of one block, the
 * one in the newer object counts: its server did not believe the other, and has computed it anew.
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

/** Objects of a section that are read. Two servers at work leave two. */
const mostObjects = 64;

/** Sections of which it is remembered what their objects have. */
const mostRemembered = 256;

const nameLength = 32;

export class BucketShelf implements DigestShelf {
  readonly #s3: S3Client;
  readonly #prefix: string;
  /** By folder and name, the blocks whose digests are in objects that this process has read or written. */
  readonly #known = new Map<string, Map<string, readonly BlockSpan[]>>();
  /** Whether the bucket has refused to take an object. */
  #isReadOnly = false;
  /** Whether the bucket has refused to remove an object: then each save would leave one more. */
  #mayNotRemove = false;

  /** @param prefix what the keys of all served objects begin with. */
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
    if (this.#isReadOnly || !isWorthAnObject(file)) {
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

  #folderOf(key: SectionKey): string {
    return `${this.#prefix}${digestsFolder}/${sectionName(key)}/`;
  }

  /** The objects of a section; of those of one second, the ones with most digests first. */
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

  /** The digests in an object; none if another server has removed it, or it is not as it has to be. */
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
      this.#isReadOnly = isJangadaError(error, 'forbidden');
      throw error;
    }
  }

  /** Remove the objects of a section that have no digest but those of this one. */
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

      this.#mayNotRemove = true;
    }
  }

  /** Not the newer ones: two servers with other digests would remove each other's. */
  async #olderThan(folder: string, name: string): Promise<string[]> {
    const names = await this.#newestFirst(folder);
    const own = names.indexOf(name);
    return own === -1 ? [] : names.slice(own + 1);
  }

  /** The known objects that have fewer blocks, and only such as are in `spans`. */
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

/** To read an object of one block takes no longer than to read the one with its digest. */
function isWorthAnObject({size}: ShelvedFile): boolean {
  return size > blockSize;
}

function spansOf(runs: readonly DigestRun[]): BlockSpan[] {
  return runs.map(({first, digests}) => ({from: first, to: first + digests.length / digestSize}));
}

/** Whether every span is in one of `others`, none of which touches another. */
function isWithin(spans: readonly BlockSpan[], others: readonly BlockSpan[]): boolean {
  return spans.every(({from, to}) => others.some(other => other.from <= from && to <= other.to));
}
