/** What an operation gets besides its request. */

import type {Compressor} from '../compression/compressor.ts';
import type {DigestIndex} from '../indexes/digest-index.ts';
import type {HashIndex} from '../indexes/hash-index.ts';
import type {Counts} from '../metrics/counts.ts';
import type {BlockLease} from '../output/block-pool.ts';
import type {ClientLog} from '../output/client-log.ts';
import type {Output} from '../output/output.ts';
import type {Store} from '../store/store.ts';
import type {Awaitable} from '../waiting/awaitable.ts';
import type {Deadlines} from '../waiting/deadlines.ts';

/** What all connections of one server share. */
export type Services = {
  readonly store: Store;
  readonly digests: DigestIndex;
  readonly hashes: HashIndex;
  readonly deadlines: Readonly<Deadlines>;
  /** The counters for metrics. */
  readonly counts: Counts;
};

/** One request on one connection. */
export type Exchange = Services & {
  readonly output: Output;
  /** The connection's share of the memory for blocks. */
  readonly blocks: BlockLease;
  /** Compresses blocks, if the client accepts that. */
  readonly compressor: Compressor;
  /** The client's address; long work is shared fairly between addresses. */
  readonly peer: string;
  /** The log of the connection. */
  readonly log: ClientLog;
  /** Aborted when the client leaves. */
  readonly signal: AbortSignal;
};

/**
 * Answers one request; without a promise if everything is sent at once. Throws, or rejects with, the JangadaError for
 * the client.
 */
export type Operation<Request> = (request: Request, exchange: Exchange) => Awaitable<void>;
