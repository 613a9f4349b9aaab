/** Comparisons of local files with those of a server, which hold as long as both stay as they were. */
import type {RemotePath} from '../../../protocol/remote-path.ts';

/** A version of a file of the server. `mtimeMs`: milliseconds since 1970, as a listing has it. */
export type RemoteVersion = {
  readonly size: number;
  readonly mtimeMs: number;
  readonly version: string;
};

/** A local file of which every block was checked against that version. */
export type VerifiedCopy = {
  /** Size, times and inode of the local file then; see `stateOf`. */
  readonly state: string;
  readonly remote: RemoteVersion;
};

/** How a local file and one of the server compared, block by block. */
export type Verdict = VerifiedCopy & {
  readonly remotePath: RemotePath;
  readonly equal: boolean;
};
