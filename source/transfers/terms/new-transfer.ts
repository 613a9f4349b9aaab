/** One file to fetch: its remote path, where to save it, and what to do if that name is taken. */
import type {RemotePath} from '../../../protocol/remote-path.ts';
import type {ConflictPolicy} from './conflict-policy.ts';
import type {ExpectedContent} from './expected-content.ts';
import type {Priority} from './priority.ts';

export type NewTransfer = {
  remotePath: RemotePath;
  /** The target folder, as the user gave it. */
  folder: string;
  /** Path of the final name below `folder`, as a remote path. Each part becomes a name that this disk can store. */
  localPath: string;
  /** Size in bytes, if known from a listing. */
  size?: number | undefined;
  onConflict: ConflictPolicy;
  /**
   * An unfinished file of another tool, to be renamed to the partial and continued when the transfer runs. Not stored
   * in a database.
   */
  from?: string | undefined;
  /** A file that may share blocks with the remote file; shared blocks are copied. Not stored in a database. */
  seed?: string | undefined;
  /** The content that the file must have to get its final name. A stored queue refuses it. */
  expect?: ExpectedContent | undefined;
  /** Default: normal. */
  priority?: Priority | undefined;
};

/** A file to fetch, before the policy for existing files is known. */
export type WantedFile = Omit<NewTransfer, 'onConflict'> & {
  /** Modification time in milliseconds since 1970, if known from a listing. */
  mtimeMs?: number | undefined;
};
