/**
 * The known block digests, in memory. There is one `FileDigests` for each path, state of the file and algorithm; the
 * least recently used are dropped when all together exceed the limit. The index never keeps digests of a file that has
 * just changed: it would not notice a further change within the same tick of the clock.
 *
 *     operation ─set─▶ FileDigests ─changed─▶ index ─save, some together─▶ shelf
 *     operation ◀─get─ FileDigests ◀────────recall──────────────load───── shelf
 */
import type {DigestAlgorithm} from '../../protocol/block.ts';
import type {StoredFile} from '../store/store.ts';
import type {Awaitable} from '../waiting/awaitable.ts';
import {FileDigests} from './file-digests.ts';
import type {PatientShelf} from './patient-shelf.ts';

/** 64 MiB of digests name the blocks of 2 TiB. */
const defaultLimitBytes = 67_108_864;

/**
 * Bytes that a remembered file takes in addition to its digests and its key: the entry of the map, and the record.
 * Measured by the growth of the heap and of the memory outside it; `indexes.test.ts` measures it again.
 */
const fileBytes = 400;

/** How long the index gathers digests before it saves them together, in milliseconds. */
const gatherMs = 400;

type DigestIndexOptions = {
  /** The most bytes of all digests. Default: 64 MiB. */
  limitBytes?: number;
  /** Keeps digests after this process ends. Without it, they are in memory only. */
  shelf?: PatientShelf | undefined;
};

export class DigestIndex {
  readonly shelf: PatientShelf | undefined;
  readonly #limitBytes: number;
  // In the order of use, the least recent first.
  readonly #files = new Map<string, FileDigests>();
  #bytes = 0;
  /** Sections with digests that the shelf does not have yet, also of files that the index has dropped since. */
  #unsaved = new Map<FileDigests, Set<number>>();
  #saving: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor({limitBytes = defaultLimitBytes, shelf}: DigestIndexOptions = {}) {
    this.#limitBytes = limitBytes;
    this.shelf = shelf;
  }

  /** Approximate number of bytes in use. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The known digests of `file`. The index remembers digests that are added to it, unless the file has just changed. */
  for(file: StoredFile, algorithm: DigestAlgorithm): FileDigests {
    const {path, size, state} = file;
    if (state === undefined) {
      return new FileDigests(size, algorithm);
    }

    const key = `${algorithm}\n${state}\n${path}`;
    const known = this.#files.get(key);
    if (known !== undefined) {
      this.#files.delete(key);
      this.#files.set(key, known);
      return known;
    }

    const digests = new FileDigests(size, algorithm, {index: this, key});
    this.#files.set(key, digests);
    this.grow(digests, key, bytesOf(key));
    return digests;
  }

  /** Count `bytes` more for `digests`, which the index remembers as `key`; no-op if it has dropped them meanwhile. */
  grow(digests: FileDigests, key: string, bytes: number): void {
    if (this.#files.get(key) !== digests) {
      return;
    }

    this.#bytes += bytes;
    for (const [oldest, oldestDigests] of this.#files) {
      if (this.#bytes <= this.#limitBytes) {
        return;
      }

      this.#files.delete(oldest);
      this.#bytes -= bytesOf(oldest) + oldestDigests.bytes;
    }
  }

  /** A section of `digests` has new digests: save them soon. */
  changed(digests: FileDigests, section: number): void {
    if (this.shelf === undefined) {
      return;
    }

    const sections = this.#unsaved.get(digests);
    if (sections === undefined) {
      this.#unsaved.set(digests, new Set([section]));
    } else {
      sections.add(section);
    }

    this.#timer ??= setTimeout(() => {
      // `saved` does not clear the timer if a save that waited its turn has taken all digests meanwhile.
      this.#timer = undefined;
      void this.saved();
    }, gatherMs).unref();
  }

  /**
   * Resolves when the shelf has all digests that are known now, or has failed to save them. A server waits for this before
   * it tells a client that an answer is complete, because the client may ask another server next.
   */
  saved(): Awaitable<void> {
    if (this.#unsaved.size > 0) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
      // One after the other, so that an older state of a section never overwrites a newer one.
      const saving = (this.#saving ?? Promise.resolve()).then(() => this.#save());
      this.#saving = saving;
      void saving.then(() => {
        if (this.#saving === saving) {
          this.#saving = undefined;
        }
      });
    }

    return this.#saving;
  }

  /** Save the unsaved digests, and close the shelf. */
  async close(): Promise<void> {
    await this.saved();
    await this.shelf?.close();
  }

  async #save(): Promise<void> {
    const unsaved = this.#unsaved;
    this.#unsaved = new Map();
    const saves = [...unsaved].flatMap(([digests, sections]) =>
      [...sections].map(section => digests.save(section)),
    );
    await Promise.all(saves);
  }
}

/** Bytes of a file without any digests. */
function bytesOf(key: string): number {
  return fileBytes + key.length * 2;
}
