/** One file to download, the tools for it, the facts that its attempts gather, and its result. */
import type {RemotePath} from '../../../protocol/remote-path.ts';
import type {Client} from '../../client/client.ts';
import type {ReceiveBuffers} from '../../client/connection/receive-buffers.ts';
import type {Ending} from '../blocks/ending.ts';
import type {FileProgress} from '../blocks/file-progress.ts';
import type {UnfitServers} from '../blocks/servers/unfit-servers.ts';
import type {Flusher} from '../disk/flush.ts';
import type {OpenFolder} from '../disk/folders/target-folder.ts';
import type {Room} from '../disk/room.ts';
import type {Checker} from '../hashing/checker.ts';
import type {Checksums} from '../hashing/checksums.ts';
import type {ConflictPolicy} from '../terms/conflict-policy.ts';
import type {Outcome} from '../terms/download-event.ts';
import type {ExpectedContent, ExpectedRoot} from '../terms/expected-content.ts';
import type {KnownPartials} from '../terms/known-partial.ts';
import type {VerifiedCopy} from '../terms/verdict.ts';

export type DownloadJob = {
  remotePath: RemotePath;
  folder: OpenFolder;
  /** Final name in `folder`. */
  name: string;
  onConflict: ConflictPolicy;
  /** Version of the remote file when the transfer last ran. */
  version?: string | undefined;
  /** Whether a process began the file before and ended without a report: it may have given the file its final name. */
  begun?: boolean;
  memory?: KnownPartials | undefined;
  /** A file to turn into the partial first. */
  from?: string | undefined;
  /** A file to copy blocks from. */
  seed?: string | undefined;
  /** The content that the remote file must have. */
  expect?: ExpectedContent | undefined;
};

export type DownloadTools = {
  client: Client;
  blocks: ReceiveBuffers;
  checker: Checker;
  flusher: Flusher;
  room: Room;
  /** If set, the SHA-256 of each file is computed while the file arrives. */
  checksums?: Checksums | undefined;
  /** Whether to report the root digest of each file that is not in a group of small files. Default: no. */
  roots?: boolean | undefined;
  /** Whether to report the states of small files too, which costs a lookup for each. Default: no. */
  states?: boolean | undefined;
  ending: Ending;
  /** Waits between attempts; rejects with `aborted`. Default: a timer. */
  pause?: (milliseconds: number, signal: AbortSignal) => Promise<void>;
};

/** Facts of a download that are kept from one attempt to the next. */
export type DownloadFacts = {
  /** Final name, which `rename` may have chosen. */
  name: string;
  /** Version of the remote file at the last attempt. */
  version: string | undefined;
  /** Whether the remembered digests of the partial turned out to be wrong. */
  distrusted: boolean;
  /** Whether the file given as `from` has been turned into the partial. */
  adopted: boolean;
  readonly progress: FileProgress;
  readonly unfit: UnfitServers;
};

/**
 * How a download ended. `sha256` (hex) and `root`: set if they were requested and the file is verified. `copy`: the
 * verified file, if it was not changed since.
 */
export type DownloadResult = {
  outcome: Outcome;
  sha256?: string | undefined;
  root?: ExpectedRoot | undefined;
  copy?: VerifiedCopy | undefined;
};
