/** One file to download, the tools that it takes, the facts that it gathers, and how it ends. */
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
  /** Final name in that folder. */
  name: string;
  onConflict: ConflictPolicy;
  /** Of the remote file when this was last worked on. */
  version?: string | undefined;
  /** A process has begun it before and ended without a word: it may have given the file its name. */
  begun?: boolean;
  memory?: KnownPartials | undefined;
  /** A file that becomes the partial first. */
  from?: string | undefined;
  /** A file to copy blocks from. */
  seed?: string | undefined;
  /** The content that the remote file has to have. */
  expect?: ExpectedContent | undefined;
};

export type DownloadTools = {
  client: Client;
  blocks: ReceiveBuffers;
  checker: Checker;
  flusher: Flusher;
  room: Room;
  /** With these, the SHA-256 of each file is computed while it arrives. */
  checksums?: Checksums | undefined;
  /** Whether the root of each file is told that has a download of its own. Default: no. */
  roots?: boolean | undefined;
  /** Whether the states of small files are told, too, which costs a look at each. Default: no. */
  states?: boolean | undefined;
  ending: Ending;
  /** Waits between attempts; rejects with `aborted`. Default: with a timer. */
  pause?: (milliseconds: number, signal: AbortSignal) => Promise<void>;
};

/** Facts of a download that outlive one attempt. */
export type DownloadFacts = {
  /** Final name, which `rename` may have chosen. */
  name: string;
  /** Of the remote file at the last attempt. */
  version: string | undefined;
  /** Whether the remembered digests of the partial turned out to be wrong. */
  distrusted: boolean;
  /** Whether the file that was to become the partial has. */
  adopted: boolean;
  readonly progress: FileProgress;
  readonly unfit: UnfitServers;
};

/**
 * How a download ended; `sha256` in hex and `root`, if they were asked for and the file is verified; `copy`: the verified file,
 * if nobody has touched it since.
 */
export type DownloadResult = {
  outcome: Outcome;
  sha256?: string | undefined;
  root?: ExpectedRoot | undefined;
  copy?: VerifiedCopy | undefined;
};
