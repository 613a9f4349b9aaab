/**
 * The interface between the operations and the files: operations ask a store, and know nothing of descriptors, folders or
 * threads. A store that has an answer ready returns it without a promise.
 */
import type {Buffer} from 'node:buffer';
import type {DigestAlgorithm, HashAlgorithm} from '../../protocol/block.ts';
import type {WireErrorCode} from '../../protocol/errors.ts';
import type {Entry, Unsearched} from '../../protocol/messages.ts';
import type {RemotePath} from '../../protocol/remote-path.ts';
import type {DigestShelf} from '../indexes/digest-shelf.ts';
import type {Awaitable} from '../waiting/awaitable.ts';
import type {EntryFrame} from './entry-frames.ts';

/**
 * All methods throw, or reject with, a JangadaError whose code is for the client. A distant store cancels its requests
 * once `signal` is aborted, and then rejects with `aborted`; any other store may ignore the signal of a short call.
 */
export interface Store {
  /** The store's name for people: the path of a folder. */
  readonly name: string;
  /** Keeps block digests after the process ends, if the store itself has a place for them. The server closes it first. */
  readonly shelf?: DigestShelf;
  /**
   * The entry of `path` with the version of its state.
   *
   * @throws JangadaError `not_found`, `forbidden`.
   */
  stat(path: RemotePath, signal?: AbortSignal): Awaitable<VersionedEntry>;
  /**
   * Open the file at `path` in its current state.
   *
   * @throws JangadaError `not_found`, `not_a_file`, `forbidden`.
   */
  open(path: RemotePath, signal?: AbortSignal): Awaitable<StoredFile>;
  /**
   * Read small files as a whole in one call, to save calls. Reads the first of `files`: at least one, and no more than fit
   * into the time that other clients can wait. A file that is unreadable or has another size than given has an error in its
   * position.
   */
  load(files: readonly FileToLoad[], signal?: AbortSignal): Awaitable<LoadedFiles>;
  /**
   * Whether a link on `path` leads out of the store. The store reveals nothing about the target of such a link. A store
   * without links need not implement this.
   *
   * @throws JangadaError with the reason if the store cannot tell.
   */
  leadsOut?(path: RemotePath): Awaitable<boolean>;
  /**
   * The entries of a folder while it is read, some hundred at a time.
   *
   * @throws JangadaError `not_found`, `not_a_folder`, `forbidden`; an error once `signal` is aborted.
   */
  list(path: RemotePath, signal: AbortSignal): AsyncIterable<Entry[]>;
  /**
   * The matching entries, in encoded frames: a store may encode them in a thread. The search goes on as the caller takes
   * frames. Returns the places that could not be searched.
   *
   * @throws JangadaError `not_found`, `not_a_folder`, `bad_mask`, `aborted`; the reason if the folder
   * itself cannot be read.
   */
  find(search: Search, client: LongWorkClient): AsyncGenerator<EntryFrame, Unsearched, void>;
  /**
   * Check that the root is readable, without delaying other work however long that takes. A store whose `stat` never delays
   * other work need not implement this.
   *
   * @throws JangadaError the reason why it cannot be read.
   */
  reach?(): Promise<void>;
  /** Whether other threads make the calls, because the disk is or may be slow. Undefined: no call delays other work. */
  readonly slow?: boolean;
  close(): Awaitable<void>;
}

/** A file, and its expected size in bytes. */
export type FileToLoad = readonly [path: RemotePath, size: number];

export type LoadedFiles = {
  /** The state or the error of each of the first files, in the order of the request. */
  files: LoadedFile[];
  /** The concatenated bytes of all files that were read. */
  bytes: Uint8Array;
};

/** `cause` is for the log. */
export type LoadedFile =
  | {kind: 'file'; size: number; mtimeMs: number; version: string}
  | {kind: 'error'; code: WireErrorCode; message: string; cause: string};

export type VersionedEntry = Entry & {version: string};

export type Search = {
  /** The folder to search. */
  path: RemotePath;
  masks: readonly string[];
  /** Whether to find folders, too. */
  folders: boolean;
};

/** The client that needs long work. */
export type LongWorkClient = {
  /** The client's address; long work is shared fairly between addresses. */
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
  /** The path below the root of the server, even for a client that sees only one folder of that root. */
  readonly path: string;
  /**
   * A key of this state of `path`, in one line. It is the same on every server of the same files, and differs after each
   * change that the times of the file show (docs/architecture.md, "What does not hold"). undefined: the file had changed
   * just before it was opened, so the server must remember nothing about it.
   */
  readonly state: string | undefined;
  /** Announce that these blocks will be read, in this order: a distant store begins to fetch them. */
  willRead?(spans: readonly BlockSpan[]): void;
  /** Fill `into` from `position` on. @returns the number of bytes; fewer than `into` has only at the end of the file. */
  read(into: Buffer, position: number): Awaitable<number>;
  /** Bytes that a distant store has given so far for reads of this file. It grows while a read waits. */
  readonly receivedBytes?: number;
  /** Whether the file is still in the state in which it was opened. */
  unchanged(): Awaitable<boolean>;
  /**
   * Compute digests of blocks, and pass them to `computed` as they become known: concatenated digests from block `first`
   * on.
   *
   * @throws JangadaError `changed` if the file has become shorter, `aborted`, `internal`.
   */
  digests(
    question: DigestsQuestion,
    client: LongWorkClient & {computed(first: number, digests: Uint8Array): void},
  ): Promise<void>;
  /**
   * The hash of the first bytes, in hexadecimal. Calls `progress` with the number of bytes done.
   *
   * @throws JangadaError `changed` if the file has become shorter, `aborted`, `internal`.
   */
  hash(
    question: HashQuestion,
    client: LongWorkClient & {progress(bytes: number): void},
  ): Promise<string>;
  /** Close the file. None of its other methods may still be running. */
  close(): void;
}

/** Blocks `from` up to but not including `to`. */
export type BlockSpan = {from: number; to: number};

export type DigestsQuestion = {algorithm: DigestAlgorithm; spans: readonly BlockSpan[]};

/** `length` is the number of bytes from the front. */
export type HashQuestion = {algorithm: HashAlgorithm; length: number};
