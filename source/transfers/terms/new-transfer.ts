/** One file that is wanted: its remote path, the place to save it to, and the policy if that is taken. */
import type {RemotePath} from '../../../protocol/remote-path.ts';
import type {ConflictPolicy} from './conflict-policy.ts';
import type {ExpectedContent} from './expected-content.ts';
import type {Priority} from './priority.ts';

export type NewTransfer = {
  remotePath: RemotePath;
  /** Where to save: the target folder, as the user gave it. */
  folder: string;
  /** Path of the final name below it, as a remote path; each part becomes a name this disk can hold. */
  localPath: string;
  /** Bytes, if known from a listing. */
  size?: number | undefined;
  onConflict: ConflictPolicy;
  /**
   * An unfinished file of another tool, which becomes the partial and is continued. It is renamed when
   * the transfer runs; a database does not keep it.
   */
  from?: string | undefined;
  /** A file that may share blocks with the remote one: those are copied. Not kept in a database, either. */
  seed?: string | undefined;
  /** The content that the file has to have, or it gets no final name. A queue that is kept refuses it. */
  expect?: ExpectedContent | undefined;
  /** Default: normal. */
  priority?: Priority | undefined;
};

/** A file to fetch, before it is decided what to do about one that has its place. */
export type WantedFile = Omit<NewTransfer, 'onConflict'> & {
  /** Modification time in milliseconds since 1970, if known from a listing. */
  mtimeMs?: number | undefined;
};
