/** The interface through which operations see files. */
import type {Entry} from '../../protocol/messages.ts';
import type {RemotePath} from '../../protocol/remote-path.ts';
import type {RootHandle} from './folder/root/root.ts';

/** One state of a file, open for reading. */
export interface StoredFile {
  /** For reads of any thread of this process. */
  readonly descriptor: number;
  /** Bytes. */
  readonly size: number;
  readonly mtimeMs: number;
  readonly version: string;
  /** Names this state among all files for what is remembered; undefined: remember nothing. */
  readonly identity: string | undefined;
  /** Whether it still is the state that was opened. */
  unchanged(): boolean;
  close(): void;
}

/** All methods throw a JangadaError with a code for the client. */
export interface Store {
  /** What `path` names, and the version of that. */
  stat(path: RemotePath): Entry & {version: string};
  open(path: RemotePath): StoredFile;
  /** The entries of a folder, as they are read, some hundred at a time. */
  list(path: RemotePath, signal: AbortSignal): AsyncIterable<Entry[]>;
  /** For threads that look for files themselves. */
  readonly root: RootHandle;
  close(): void;
}
