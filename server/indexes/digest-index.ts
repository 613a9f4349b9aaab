/**
 * The block digests that were computed, in memory. A state of the file at a path and an algorithm have one
 * `FileDigests`; the least recently used are forgotten when all of them take more than the limit. Digests of a file
 * that has just changed are never kept: a further change within the clock's tick would go unseen.
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
 * Bytes that a remembered file takes beside its digests and its key: the entry of the map, and the record. Measured by
 * the growth of the heap, and of the memory outside of it; `indexes.test.ts` measures it again.
 */
const fileBytes = 400;

/** Milliseconds in which digests are gathered before they are saved together. */
const gatherMs = 400;

type DigestIndexOptions = {
  /** Bytes that all digests may take. Default: 64 MiB. */
  limitBytes?: number;
  /** Where digests outlive this process. Without it, they are in memory alone. */
  shelf?: PatientShelf | undefined;
};

export class DigestIndex {
  readonly shelf: PatientShelf | undefined;
  readonly #limitBytes: number;
  // In the order of use, the least recent first.
  readonly #files = new Map<string, FileDigests>();
  #bytes = 0;
  /** Sections with digests that the shelf has not been given, also of files that were forgotten since. */
  #unsaved = new Map<FileDigests, Set<number>>();
  #saving: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor({limitBytes = defaultLimitBytes, shelf}: DigestIndexOptions = {}) {
    this.#limitBytes = limitBytes;
    this.shelf = shelf;
  }

  /** Bytes that are in use, about. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The known digests of `file`. Those that are added are remembered, unless the file is fresh. */
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

  /** `digests`, which are remembered as `key`, take so many bytes more. Forgotten meanwhile, they are no longer counted. */
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

  /** A section of `digests` has new ones: they are saved soon. */
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

    this.#timer ??= setTimeout(() => void this.saved(), gatherMs).unref();
  }

  /**
   * Resolves when the shelf has all digests that are known now, or cannot take them. Whoever tells a client that it
   * has everything waits for this: another server may be asked next.
   */
  saved(): Awaitable<void> {
    if (this.#unsaved.size > 0) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
      // One after the other, so that of two states of a section the older one is not written last.
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

  /** Save what is not saved yet, and let go of the shelf. */
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
