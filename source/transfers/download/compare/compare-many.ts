/**
 * Compares many local copies with the files of a server, several at once. The search runs ahead of the comparisons, so
 * that the total is known early:
 *
 *     chosenFiles ─► waiting ─► look for the copy ─► verifyFile ─► result
 *
 * Nothing is kept of a file after its result was reported.
 */
import {isJangadaError, isServerLost, throwIfAborted} from '../../../../protocol/errors.ts';
import type {RemotePath} from '../../../../protocol/remote-path.ts';
import type {Client} from '../../../client/client.ts';
import {type ChosenEntry, type ChosenFile, chosenFiles} from '../chosen-files.ts';
import {type CopyPlace, lookForCopy} from '../here/copy-look.ts';
import {LocalPlaces} from '../local-places.ts';
import {type VerifyReport, verifyFile} from '../verify.ts';

/** The outcome for one file. `bytes`: its size in the server's listing. */
export type ManyResult = {readonly bytes: number} & (
  | {
      readonly name: 'compared';
      readonly path: RemotePath;
      readonly report: VerifyReport;
      readonly place: CopyPlace;
    }
  /** There is no local copy. */
  | {readonly name: 'absent'; readonly path: RemotePath}
  /** The file could not be compared. If the server sent an invalid name, `path` may not be a valid path. */
  | {readonly name: 'failed'; readonly path: string; readonly reason: string}
);

export type ManyListener = {
  /** More files were found that will be compared, with so many bytes. */
  found(files: number, bytes: number): void;
  /** The search is complete. */
  counted(): void;
  result(result: ManyResult): void;
  /** Further places that the server could not search and did not name. */
  unnamed(places: number): void;
  /** Compared bytes of the files that have no result yet, scaled to the sizes in the listing. */
  progress(bytes: number): void;
};

export type ManyOptions = {
  readonly client: Client;
  /** Absolute path of the folder that downloads are saved to. */
  readonly folder: string;
  /** The folder where local paths begin; see `chosenFiles`. */
  readonly base: RemotePath;
  /** Where the copy of a file may be, the likeliest place first. */
  readonly placesOf: (file: ChosenFile) => readonly CopyPlace[];
  /** Whether the local file with this absolute path is known to be a copy of that remote file. */
  readonly isCopy: (file: string, path: RemotePath) => boolean;
  readonly signal: AbortSignal;
};

/** Most files to compare at once: small ones mostly wait for the server. */
const mostAtOnce = 8;
/** Most bytes of these files: larger files use all threads, one after the other. */
const mostBytesAtOnce = 67_108_864;
/** How many files may use one check of their folder. */
const looksPerFolderLook = 100;

/**
 * Compare all files that `chosen` stands for.
 *
 * @throws JangadaError `aborted`; `too_large`; the errors of `Client.find`; an error if the server is lost for good.
 */
export async function compareMany(
  chosen: readonly ChosenEntry[],
  options: ManyOptions,
  listener: ManyListener,
): Promise<void> {
  await new Comparisons(options, listener).run(chosen);
}

class Comparisons {
  readonly #options: ManyOptions;
  readonly #listener: ManyListener;
  readonly #stop = new AbortController();
  readonly #signal: AbortSignal;
  #waiting: ChosenFile[] = [];
  #next = 0;
  #isSearching = true;
  /** For each file in progress, how many of its bytes are compared. */
  readonly #underWay = new Map<ChosenFile, number>();
  #bytesUnderWay = 0;
  #failure: unknown;
  #wake: (() => void) | undefined;
  #folders = new Map<string, Promise<boolean>>();
  #looks = 0;

  constructor(options: ManyOptions, listener: ManyListener) {
    this.#options = options;
    this.#listener = listener;
    this.#signal = AbortSignal.any([options.signal, this.#stop.signal]);
  }

  async run(chosen: readonly ChosenEntry[]): Promise<void> {
    const searching = this.#search(chosen)
      .catch((error: unknown) => this.#fail(error))
      .finally(() => {
        this.#isSearching = false;
        this.#wake?.();
      });
    for (;;) {
      while (this.#mayStart) {
        const file = this.#take();
        if (file === undefined) {
          break;
        }

        void this.#compare(file);
      }

      if (this.#underWay.size === 0 && !this.#isSearching) {
        break;
      }

      await this.#changed();
    }

    await searching;
    throwIfAborted(this.#options.signal);
    if (this.#failure !== undefined) {
      throw this.#failure;
    }
  }

  async #search(chosen: readonly ChosenEntry[]): Promise<void> {
    const {client, folder, base} = this.#options;
    const places = new LocalPlaces(folder);
    const batches = chosenFiles(chosen, {client, base, places, signal: this.#signal});
    for await (const {files, refused, unsearched, moreUnsearched} of batches) {
      for (const {name, reason} of refused) {
        this.#listener.result({name: 'failed', path: name, bytes: 0, reason});
      }

      for (const {remotePath: path, reason} of unsearched) {
        this.#listener.result({name: 'failed', path, bytes: 0, reason});
      }

      if (moreUnsearched > 0) {
        this.#listener.unnamed(moreUnsearched);
      }

      for (const file of files) {
        this.#waiting.push(file);
      }

      this.#listener.found(
        files.length + refused.length + unsearched.length,
        files.reduce((bytes, {size}) => bytes + size, 0),
      );
      this.#wake?.();
    }

    this.#listener.counted();
  }

  get #mayStart(): boolean {
    const next = this.#waiting[this.#next];
    return (
      next !== undefined &&
      !this.#signal.aborted &&
      (this.#underWay.size === 0 ||
        (this.#underWay.size < mostAtOnce && this.#bytesUnderWay + next.size <= mostBytesAtOnce))
    );
  }

  #take(): ChosenFile | undefined {
    const file = this.#waiting[this.#next++];
    if (this.#next === 4096) {
      // Drop the files that were taken.
      this.#waiting = this.#waiting.slice(this.#next);
      this.#next = 0;
    }

    return file;
  }

  async #compare(file: ChosenFile): Promise<void> {
    const {size: bytes} = file;
    this.#underWay.set(file, 0);
    this.#bytesUnderWay += bytes;
    try {
      const result = await this.#resultOf(file);
      this.#end(file);
      this.#listener.result({bytes, ...result});
    } catch (error) {
      this.#end(file);
      if (!isJangadaError(error) || isServerLost(error.code) || this.#signal.aborted) {
        this.#fail(error);
      } else {
        const reason = error.message;
        this.#listener.result({name: 'failed', path: file.remotePath, bytes, reason});
      }
    }

    this.#wake?.();
  }

  async #resultOf(file: ChosenFile) {
    const {client, placesOf, isCopy} = this.#options;
    const {remotePath: path, size} = file;
    if (this.#looks++ % looksPerFolderLook === 0) {
      this.#folders = new Map();
    }

    const isKnown = (local: string) => isCopy(local, path);
    const question = {path, places: placesOf(file), ticket: 0, isKnown};
    const {copy} = await lookForCopy(question, this.#folders);
    throwIfAborted(this.#signal);
    if (copy === undefined) {
      return {name: 'absent', path} as const;
    }

    const report = await verifyFile(client, path, copy.file, {
      signal: this.#signal,
      onProgress: ({doneBytes, totalBytes}) => {
        const part = totalBytes === 0 ? 0 : doneBytes / totalBytes;
        this.#underWay.set(file, Math.round(part * size));
        this.#tellProgress();
      },
    });
    const {folder, localPath} = copy;
    return {name: 'compared', path, report, place: {folder, localPath}} as const;
  }

  #end(file: ChosenFile): void {
    this.#underWay.delete(file);
    this.#bytesUnderWay -= file.size;
    this.#tellProgress();
  }

  #tellProgress(): void {
    let bytes = 0;
    for (const done of this.#underWay.values()) {
      bytes += done;
    }

    this.#listener.progress(bytes);
  }

  #fail(error: unknown): void {
    this.#failure ??= error;
    this.#stop.abort();
  }

  async #changed(): Promise<void> {
    const {promise, resolve} = Promise.withResolvers<void>();
    this.#wake = resolve;
    await promise;
    this.#wake = undefined;
  }
}
