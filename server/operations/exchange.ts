/** The means of an operation, beside its request. */

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

/** The means that all connections of one server share. */
export type Services = {
  readonly store: Store;
  readonly digests: DigestIndex;
  readonly hashes: HashIndex;
  readonly deadlines: Readonly<Deadlines>;
  /** What is counted of their work. */
  readonly counts: Counts;
};

/** One request on one connection. */
export type Exchange = Services & {
  readonly output: Output;
  /** The connection's share of the memory for blocks. */
  readonly blocks: BlockLease;
  /** Makes its blocks smaller, where the client takes that. */
  readonly compressor: Compressor;
  /** The client's address, by which long work is shared out. */
  readonly peer: string;
  /** The log of the connection. */
  readonly log: ClientLog;
  /** Aborted when the client leaves. */
  readonly signal: AbortSignal;
};

/**
 * Answers one request; without a promise if all is sent at once. It throws, or rejects with, the
 * JangadaError that the client is told.
 */
export type Operation<Request> = (request: Request, exchange: Exchange) => Awaitable<void>;
