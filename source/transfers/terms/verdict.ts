/** Results of comparing local files with files of a server. They hold while both files stay unchanged. */
import type {RemotePath} from '../../../protocol/remote-path.ts';

/** A version of a file of the server. `mtimeMs`: milliseconds since 1970, as in a listing. */
export type RemoteVersion = {
  readonly size: number;
  readonly mtimeMs: number;
  readonly version: string;
};

/** A local file of which every block was checked against that version. */
export type VerifiedCopy = {
  /** Size, times and inode of the local file when it was checked; see `stateOf`. */
  readonly state: string;
  readonly remote: RemoteVersion;
};

/** The result of comparing a local file with a file of the server, block by block. */
export type Verdict = VerifiedCopy & {
  readonly remotePath: RemotePath;
  readonly equal: boolean;
};
