/** What a client and its pool are made with, and what a search is asked with. */
import type {Address} from '../../protocol/address.ts';
import type {Unsearched} from '../../protocol/messages.ts';
import type {RemotePath} from '../../protocol/remote-path.ts';
import type {CompressionMode} from './connection/compression/compression-choice.ts';
import type {Clock} from './connection/heartbeat.ts';
import type {Trust} from './connection/identity.ts';
import type {RateLimiter} from './connection/rate-limiter.ts';
import type {Ssh} from './connection/ways/ssh/ssh.ts';

export type ClientOptions = {
  /**
   * Further servers of the same root. They give blocks and small files as well, and the first of them that answers is
   * asked for all else when the one of the client is gone. Default: none.
   */
  others?: readonly Address[] | undefined;
  /** Connections at once, at most. Default: 4. */
  connections?: number | undefined;
  /** How often a lost connection is tried again, with jittered back-off. Default: 0. */
  retries?: number | undefined;
  /** Whether the first connection is tried so often too. Default: false. */
  retryFirst?: boolean | undefined;
  /** Limits the bytes received; one limiter may be shared by several clients. */
  limiter?: RateLimiter | undefined;
  /**
   * Whether to open the last connection again by itself when it is lost: for ever, with jittered
   * pauses of up to 30 s. For programs that somebody looks at. Default: false, only for a call.
   */
  keepConnected?: boolean | undefined;
  /** Whether blocks may travel compressed. Default: `auto`, where the link to the server is slow. */
  compress?: CompressionMode | undefined;
  /** What is remembered of servers, for addresses that have no token or fingerprint. Default: nothing. */
  trust?: Trust | undefined;
  /** The ssh that starts servers of ssh://. It stays the caller's to end. Default: one of the client's own. */
  ssh?: Ssh | undefined;
  /**
   * Silence after which the server counts as gone: while an answer is due, and for a connection
   * that lies idle, which is pinged. Default: 14 s, so that it is known within 15.
   */
  silenceTimeoutMs?: number | undefined;
};

export type PoolOptions = {
  /** Further servers of the same root. */
  others?: readonly Address[] | undefined;
  /** Connections at once, at most. */
  size: number;
  /** Attempts after a connection was lost or could not be made again. */
  retries: number;
  /** Whether also the very first connection is tried so often. */
  retryFirst: boolean;
  /** Whether to see to it, for ever, that there is a connection. Default: only when one is needed. */
  keepConnected?: boolean | undefined;
  limiter?: RateLimiter | undefined;
  trust?: Trust | undefined;
  ssh?: Ssh | undefined;
  silenceTimeoutMs?: number | undefined;
  /** A connection that was of no use for so long is closed. Default: 60 s. */
  unusedTimeoutMs?: number | undefined;
  clock?: Clock | undefined;
};

export type FindOptions = {
  /** The folder that is searched. Default: the root. */
  path?: RemotePath;
  /** Whether folders that match are found, too. Default: files alone. */
  folders?: boolean;
  /** Told of the places that the server could not search. */
  onUnsearched?: (unsearched: Unsearched) => void;
};
