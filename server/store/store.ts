/**
 * The wall between the operations and the files: operations ask a store, and know nothing of
 * descriptors, folders or threads. A store that has an answer at hand gives it at once, without a
 * promise.
 */
import type {Buffer} from 'node:buffer';
import type {DigestAlgorithm, HashAlgorithm} from '../../protocol/block.ts';
import type {WireErrorCode} from '../../protocol/errors.ts';
import type {Entry, Unsearched} from '../../protocol/messages.ts';
import type {RemotePath} from '../../protocol/remote-path.ts';
import type {DigestShelf} from '../indexes/digest-shelf.ts';
import type {Awaitable} from '../waiting/awaitable.ts';
import type {EntryFrame} from './entry-frames.ts';

/** All methods throw, or reject with, a JangadaError whose code is for the client. */
export interface Store {
  /** The store's name for people: the path of a folder. */
  readonly name: string;
  /** Where block digests outlive the process, if the store itself has a place for them. The server closes it before the store. */
  readonly shelf?: DigestShelf;
  /**
   * The entry of `path` with the version of its state.
   *
   * @throws JangadaError `not_found`, `forbidden`.
   */
  stat(path: RemotePath): Awaitable<VersionedEntry>;
  /**
   * The file at `path` in its present state.
   *
   * @throws JangadaError `not_found`, `not_a_file`, `forbidden`.
   */
  open(path: RemotePath): Awaitable<StoredFile>;
  /**
   * Small files, read whole in one call, so that none of them costs calls of its own: the first of `files`, one
   * at least, as many as hold up no other client. A file that cannot be read, or is not of the size that is asked
   * for, has an error in its place.
   */
  load(files: readonly FileToLoad[]): Awaitable<LoadedFiles>;
  /**
   * Whether the way to `path` leads out of the store, through a link. Of a link that leads out nothing is
   * told that lies behind it. A store without links need not have this.
   *
   * @throws JangadaError that says why that cannot be told now.
   */
  leadsOut?(path: RemotePath): Awaitable<boolean>;
  /**
   * The entries of a folder, as they are read, some hundred at a time.
   *
   * @throws JangadaError `not_found`, `not_a_folder`, `forbidden`; an error once `signal` is aborted.
   */
  list(path: RemotePath, signal: AbortSignal): AsyncIterable<Entry[]>;
  /**
   * The entries that match, in frames for the wire: a store may encode them in a thread. The next
   * ones are looked for as these are taken. At the end the places that could not be searched.
   *
   * @throws JangadaError `not_found`, `not_a_folder`, `bad_mask`, `aborted`; the reason if the folder
   * itself cannot be read.
   */
  find(search: Search, client: LongWorkClient): AsyncGenerator<EntryFrame, Unsearched, void>;
  /**
   * Look whether the root answers, in a way that holds up nobody however long it takes. A store whose `stat` is such
   * a way need not have this.
   *
   * @throws JangadaError the reason why it cannot be read.
   */
  reach?(): Promise<void>;
  close(): Awaitable<void>;
}

/** A file, and the bytes that it has to have. */
export type FileToLoad = readonly [path: RemotePath, size: number];

export type LoadedFiles = {
  /** The state or the error of each of the first files, in the order in which they were asked for. */
  files: LoadedFile[];
  /** The bytes of all that could be read, one behind the other. */
  bytes: Uint8Array;
};

/** `cause`: for the log. */
export type LoadedFile =
  | {kind: 'file'; size: number; mtimeMs: number; version: string}
  | {kind: 'error'; code: WireErrorCode; message: string; cause: string};

export type VersionedEntry = Entry & {version: string};

export type Search = {
  /** The folder to look under. */
  path: RemotePath;
  masks: readonly string[];
  /** Whether folders are looked for too. */
  folders: boolean;
};

/** For whom long work is done. */
export type LongWorkClient = {
  /** The client's address, by which long work is shared out. */
  peer: string;
  /** Aborted when the result is no longer needed. */
  signal: AbortSignal;
};

/** One state of a file, open for reading until it is closed. */
export interface StoredFile {
  /** Bytes. */
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly mtimeMs: number;
  readonly version: string;
  /** Where the file is below the root of the server, also for a client that sees one folder of that root alone. */
  readonly path: string;
  /**
   * A key of this state, of one line, among all that were ever at `path`: the same on every server of the same files, and another one
   * after each change that the times of the file tell of (docs/architecture.md, "What does not hold"). undefined: the
   * file had changed just before it was opened, and nothing of it may be remembered.
   */
  readonly state: string | undefined;
  /** Say that these blocks are about to be read, in this order: a store that is far away begins to fetch them. */
  willRead?(spans: readonly BlockSpan[]): void;
  /** Fill `into` from `position` on. The bytes read: fewer than asked for only at the file's end. */
  read(into: Buffer, position: number): Awaitable<number>;
  /** Whether the file still is in the state that was opened. */
  unchanged(): Awaitable<boolean>;
  /**
   * Compute digests of blocks and hand them to `computed` as they come: those of block `first` and
   * the following ones, one after the other.
   *
   * @throws JangadaError `changed` if the file has become shorter, `aborted`, `internal`.
   */
  digests(
    question: DigestsQuestion,
    client: LongWorkClient & {computed(first: number, digests: Uint8Array): void},
  ): Promise<void>;
  /**
   * The hash of the first bytes, in hexadecimal. `progress` is told how many are done.
   *
   * @throws JangadaError `changed` if the file has become shorter, `aborted`, `internal`.
   */
  hash(
    question: HashQuestion,
    client: LongWorkClient & {progress(bytes: number): void},
  ): Promise<string>;
  /** Let go of the file. Nothing that was asked of it may still be running. */
  close(): void;
}

/** Blocks `from` up to but not including `to`. */
export type BlockSpan = {from: number; to: number};

export type DigestsQuestion = {algorithm: DigestAlgorithm; spans: readonly BlockSpan[]};

/** `length`: bytes from the front. */
export type HashQuestion = {algorithm: HashAlgorithm; length: number};
