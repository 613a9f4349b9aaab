/**
 * The verifier: compares one file of the server with its local copy, block by block, and hashes both up to a position
 * that the user chooses.
 */
import type {HashAlgorithm} from '../../../../protocol/block.ts';
import {type DisplayText, displayName} from '../../../../protocol/display-text.ts';
import {isJangadaError} from '../../../../protocol/errors.ts';
import type {RemotePath} from '../../../../protocol/remote-path.ts';
import type {Client} from '../../../client/client.ts';
import {firstDifference} from '../../../transfers/download/compare/first-difference.ts';
import {hashLocalFile, type VerifyReport, verifyFile} from '../../../transfers/download/verify.ts';
import type {BlockView} from '../../../transfers/terms/block-view.ts';
import type {LocalCopy} from '../local-copy.ts';
import type {Repainter} from '../repainter.ts';

export type HashState =
  | {readonly name: 'none'}
  | {
      readonly name: 'hashing';
      readonly algorithm: HashAlgorithm;
      readonly length: number;
      readonly done: number;
    }
  | {
      readonly name: 'hashed';
      readonly algorithm: HashAlgorithm;
      /** Bytes that were hashed here and on the server: fewer than asked for if a file is shorter. */
      readonly localLength: number;
      readonly remoteLength: number;
      readonly here: string;
      readonly there: string;
      readonly equal: boolean;
    }
  /** The hash of the server's file only: there is no local copy. */
  | {
      readonly name: 'hashedThere';
      readonly algorithm: HashAlgorithm;
      readonly length: number;
      readonly there: string;
    }
  | {readonly name: 'failed'; readonly algorithm: HashAlgorithm; readonly reason: DisplayText};

type Progress = {
  readonly doneBytes: number;
  readonly totalBytes: number;
  /** The present state of the blocks; undefined if it is not known. */
  readonly blocks: BlockView | undefined;
};

type VerifierState =
  | {readonly name: 'nothing'}
  | (Progress & {readonly name: 'checking'})
  | {readonly name: 'compared'; readonly report: VerifyReport}
  /** There is no local copy. */
  | {readonly name: 'absent'}
  /** The queue fetches the file, or will: the comparison does not count any more. */
  | (Progress & {readonly name: 'fetching'})
  /** The file was fetched since, and every block was checked then. */
  | {readonly name: 'verified'; readonly size: number}
  /** The copy was changed or removed since. */
  | {readonly name: 'outdated'; readonly isGone: boolean}
  | {readonly name: 'failed'; readonly reason: DisplayText};

export type VerifierView = {
  readonly path: RemotePath | undefined;
  /** The entry under the cursor of the files when the comparison began; the pane shows it until the cursor leaves. */
  readonly begunAt: RemotePath | undefined;
  readonly copy: LocalCopy | undefined;
  readonly state: VerifierState;
  readonly hash: HashState;
  /** The first byte that differs, once it is known. */
  readonly difference?: number | undefined;
};

/** The source of facts about local copies for all panes. */
type VerifierTruth = {
  /** Gets the report of each comparison. */
  compared(report: VerifyReport): void;
  /** The view that is right now: files may have changed since they were compared. */
  now(view: VerifierView): VerifierView;
};

const nothingDone: Progress = {doneBytes: 0, totalBytes: 0, blocks: undefined};

export class Verifier {
  readonly #client: Client;
  readonly #repainter: Repainter;
  readonly #truth: VerifierTruth;
  #view: VerifierView = {
    path: undefined,
    begunAt: undefined,
    copy: undefined,
    state: {name: 'nothing'},
    hash: {name: 'none'},
  };
  #running: AbortController | undefined;
  #hashing: AbortController | undefined;
  /** The requested comparison whose copy is not found yet. */
  #requested: {readonly path: RemotePath; begunAt: RemotePath | undefined} | undefined;
  #algorithm: HashAlgorithm = 'sha256';
  /** Whether the folder of the files had no entries yet when the cursor was last followed. */
  #isBeforeEntries = false;
  /** The last requested number of bytes; undefined: the whole file. */
  #length: number | undefined;

  constructor(client: Client, repainter: Repainter, truth: VerifierTruth) {
    this.#client = client;
    this.#repainter = repainter;
    this.#truth = truth;
  }

  view(): VerifierView {
    return this.#truth.now(this.#view);
  }

  /**
   * Compare the file at `path` with the copy that `lookup` finds. A later comparison, or `stop`, replaces this one, also
   * while the lookup runs.
   */
  async verifyFound(
    path: RemotePath,
    lookup: Promise<LocalCopy | undefined>,
    begunAt: RemotePath | undefined,
  ): Promise<void> {
    const requested = {path, begunAt};
    this.#requested = requested;
    const copy = await lookup;
    if (this.#requested === requested) {
      await this.verify(path, copy, requested.begunAt);
    }
  }

  /** Compare the file at `path` with `copy`; undefined if there is no copy. */
  async verify(
    path: RemotePath,
    copy: LocalCopy | undefined,
    begunAt: RemotePath | undefined,
  ): Promise<void> {
    const running = this.#begin();
    const hash: HashState = {name: 'none'};
    if (copy === undefined) {
      this.#show({path, begunAt, copy, state: {name: 'absent'}, hash});
      return;
    }

    this.#show({path, begunAt, copy, state: {name: 'checking', ...nothingDone}, hash});
    try {
      const report = await verifyFile(this.#client, path, copy.file, {
        signal: running.signal,
        onProgress: progress => {
          if (!running.signal.aborted) {
            this.#update({state: {name: 'checking', ...progress}}, 'soon');
          }
        },
      });
      if (!running.signal.aborted) {
        this.#truth.compared(report);
        this.#update({state: {name: 'compared', report}});
        await this.#findDifference(report, running.signal);
      }
    } catch (error) {
      if (!running.signal.aborted) {
        this.#update({state: {name: 'failed', reason: reasonOf(error)}});
      }
    }
  }

  /** Show facts that are known already. */
  show({path, begunAt, copy, state}: Omit<VerifierView, 'hash'>): void {
    const running = this.#begin();
    this.#show({path, begunAt, copy, state, hash: {name: 'none'}});
    if (state.name === 'compared') {
      void this.#findDifference(state.report, running.signal);
    }
  }

  /**
   * The cursor of the files is on `current`. Once it has left the entry on which the comparison was begun, forget that
   * entry.
   *
   * @param where.hasEntries whether the folder has entries yet. Until it has, the cursor is on none of them, and has left
   * none; a comparison that is begun meanwhile counts as begun on the first entry under the cursor.
   */
  follow(current: RemotePath | undefined, {hasEntries}: {hasEntries: boolean}): void {
    const isFirst = this.#isBeforeEntries;
    this.#isBeforeEntries = !hasEntries;
    if (!hasEntries) {
      return;
    }

    const followed = ({path, begunAt}: Pick<VerifierView, 'path' | 'begunAt'>) => {
      const isLeft = begunAt !== current && !(isFirst && begunAt === undefined);
      return isLeft || begunAt === path ? path : current;
    };
    const begunAt = followed(this.#view);
    if (begunAt !== this.#view.begunAt) {
      this.#view = {...this.#view, begunAt};
    }

    if (this.#requested !== undefined) {
      this.#requested.begunAt = followed(this.#requested);
    }
  }

  /** The algorithm of `hash`. */
  get algorithm(): HashAlgorithm {
    return this.#algorithm;
  }

  /**
   * Set the algorithm of `hash`, and repeat the last hash with it.
   *
   * @param how.isShown whether that hash is on the screen. If it is not, it is not repeated.
   */
  choose(algorithm: HashAlgorithm, {isShown}: {isShown: boolean}): void {
    this.#algorithm = algorithm;
    if (isShown && this.#view.hash.name !== 'none') {
      void this.hash(this.#length);
    }
  }

  /** Hash the first `length` bytes of both files, or all bytes; without a copy, only the server's file. */
  async hash(length: number | undefined): Promise<void> {
    const {path, copy} = this.#view;
    if (path === undefined) {
      return;
    }

    this.#hashing?.abort();
    const hashing = new AbortController();
    this.#hashing = hashing;
    this.#length = length;
    const algorithm = this.#algorithm;
    if (this.#running === undefined || this.#running.signal.aborted) {
      this.#running = new AbortController();
    }

    // A running comparison goes on: both end when another file is chosen.
    const signal = AbortSignal.any([this.#running.signal, hashing.signal]);
    const limit = {algorithm, ...(length === undefined ? {} : {length})};
    this.#update({hash: {name: 'hashing', algorithm, length: length ?? 0, done: 0}});
    try {
      const [there, here] = await Promise.all([
        this.#client.hash(path, {
          ...limit,
          signal,
          onProgress: ({done, total}) => {
            if (!signal.aborted) {
              const hash = {algorithm, length: total ?? length ?? 0, done};
              this.#update({hash: {name: 'hashing', ...hash}}, 'soon');
            }
          },
        }),
        copy === undefined ? undefined : hashLocalFile(copy.file, {...limit, signal}),
      ]);
      if (!signal.aborted) {
        this.#update({hash: hashedState(algorithm, there, here)});
      }
    } catch (error) {
      if (!signal.aborted) {
        this.#update({hash: {name: 'failed', algorithm, reason: reasonOf(error)}});
      }
    }
  }

  /** Stop comparing and hashing. @returns whether one of them ran, or was about to. */
  stop(): boolean {
    const busy = this.#view.state.name === 'checking' || this.#view.hash.name === 'hashing';
    const isRequested = this.#requested !== undefined;
    this.#requested = undefined;
    if (busy) {
      this.#running?.abort();
      const {path, begunAt, copy} = this.#view;
      this.#show({path, begunAt, copy, state: {name: 'nothing'}, hash: {name: 'none'}});
    }

    return busy || isRequested;
  }

  /** What ran or was requested before ends. */
  #begin(): AbortController {
    this.#requested = undefined;
    this.#running?.abort();
    this.#running = new AbortController();
    return this.#running;
  }

  async #findDifference(report: VerifyReport, signal: AbortSignal): Promise<void> {
    try {
      const difference = report.equal
        ? undefined
        : await firstDifference(this.#client, report, {signal});
      if (!signal.aborted) {
        this.#update({difference}, 'soon');
      }
    } catch {
      // The block that differs is known and shown. Its first differing byte stays unknown until the next comparison.
    }
  }

  #update(change: Partial<VerifierView>, when: 'now' | 'soon' = 'now'): void {
    this.#view = {...this.#view, ...change};
    this.#repainter[when]();
  }

  #show(view: VerifierView): void {
    this.#view = view;
    this.#repainter.now();
  }
}

type Hashed = {readonly length: number; readonly digest: string};

function hashedState(algorithm: HashAlgorithm, there: Hashed, here: Hashed | undefined): HashState {
  return here === undefined
    ? {name: 'hashedThere', algorithm, length: there.length, there: there.digest}
    : {
        name: 'hashed',
        algorithm,
        localLength: here.length,
        remoteLength: there.length,
        here: here.digest,
        there: there.digest,
        equal: here.digest === there.digest && here.length === there.length,
      };
}

function reasonOf(error: unknown): DisplayText {
  const text = error instanceof Error ? error.message : String(error);
  return displayName(isJangadaError(error) ? text : `Internal error: ${text}`);
}
