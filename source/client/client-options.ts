/** Options of a client, of its pool, and of a search. */
import type {Address} from '../../protocol/address.ts';
import type {Requests, Unsearched} from '../../protocol/messages.ts';
import type {RemotePath} from '../../protocol/remote-path.ts';
import type {CompressionMode} from './connection/compression/compression-choice.ts';
import type {Clock} from './connection/heartbeat.ts';
import type {Trust} from './connection/identity.ts';
import type {RateLimiter} from './connection/rate-limiter.ts';
import type {Ssh} from './connection/ways/ssh/ssh.ts';

export type ClientOptions = {
  /**
   * Further servers of the same root. They also serve blocks and small files. If the client's main server is gone, the
   * first of the others that answers gets all other requests. Default: none.
   */
  others?: readonly Address[] | undefined;
  /** Maximum number of connections at once. Default: 4. */
  connections?: number | undefined;
  /** How often the client tries to reopen a lost connection, with jittered back-off. Default: 0. */
  retries?: number | undefined;
  /** Whether `retries` also applies to the first connection. Default: false. */
  retryFirst?: boolean | undefined;
  /** Limits the bytes received. Several clients may share one limiter. */
  limiter?: RateLimiter | undefined;
  /**
   * Whether the client reopens the last connection when it is lost, without a call: for ever, with jittered pauses of
   * up to 30 s. For interactive programs. Default: false, a connection is opened only for a call.
   */
  keepConnected?: boolean | undefined;
  /** Whether blocks may be compressed on the link. Default: `auto`, only where the link to the server is slow. */
  compress?: CompressionMode | undefined;
  /** Remembered tokens and fingerprints, for addresses that do not contain them. Default: nothing. */
  trust?: Trust | undefined;
  /**
   * The ssh that starts the servers of ssh:// addresses. The caller must end it. Default: the client makes one and ends
   * it.
   */
  ssh?: Ssh | undefined;
  /**
   * The server counts as gone after this silence while an answer is due, and on an idle connection, which the client
   * pings. Default: 14 s, so that the client notices within 15 s.
   */
  silenceTimeoutMs?: number | undefined;
};

export type PoolOptions = {
  /** Further servers of the same root. */
  others?: readonly Address[] | undefined;
  /** Maximum number of connections at once. */
  size: number;
  /** Number of attempts after a connection was lost or could not be reopened. */
  retries: number;
  /** Whether `retries` also applies to the very first connection. */
  retryFirst: boolean;
  /** Whether to keep at least one connection open, for ever. Default: connect only when a caller needs a connection. */
  keepConnected?: boolean | undefined;
  limiter?: RateLimiter | undefined;
  trust?: Trust | undefined;
  ssh?: Ssh | undefined;
  silenceTimeoutMs?: number | undefined;
  /** A connection that nobody has used for this long is closed. Default: 60 s. */
  unusedTimeoutMs?: number | undefined;
  clock?: Clock | undefined;
};

export type FindOptions = {
  /** The folder to search. Default: the root. */
  path?: RemotePath;
  /** Whether the search also finds folders that match. Default: only files. */
  folders?: boolean;
  /** Called with the places that the server could not search. */
  onUnsearched?: (unsearched: Unsearched) => void;
};

export type EntriesRequest =
  | {readonly name: 'list'; readonly body: Requests['list']}
  | {readonly name: 'find'; readonly body: Requests['find']};

/** What to request directly behind the preface of a new connection. */
export type AheadOptions = {
  /** A file: a later `stat` and a download of it use the answer. */
  ahead?: RemotePath;
  /** A listing or a search: a later `list` or `find` of the same uses the answer. */
  entries?: EntriesRequest | undefined;
};
