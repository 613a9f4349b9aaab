/** What an operation is given beside its request. */

import type {DigestIndex} from '../indexes/digest-index.ts';
import type {HashIndex} from '../indexes/hash-index.ts';
import type {BlockLease} from '../output/block-pool.ts';
import type {Output} from '../output/output.ts';
import type {FindPool} from '../store/folder/find/find-pool.ts';
import type {HashPool} from '../store/folder/hash/hash-pool.ts';
import type {Store} from '../store/store.ts';
import type {Deadlines} from '../waiting/deadlines.ts';

/** What all connections of one server share. */
export type Services = {
  readonly store: Store;
  readonly digests: DigestIndex;
  readonly hashes: HashIndex;
  readonly hashPool: HashPool;
  readonly findPool: FindPool;
  readonly deadlines: Readonly<Deadlines>;
};

/** One request on one connection. */
export type Exchange = Services & {
  readonly output: Output;
  /** The connection's share of the memory for blocks. */
  readonly blocks: BlockLease;
  /** The client's address, by which long work is shared out. */
  readonly peer: string;
  /** Aborted when the client leaves. */
  readonly signal: AbortSignal;
};

/**
 * Answers one request. Undefined: all is sent already. It throws, or rejects with, the
 * JangadaError that the client is told.
 */
export type Operation<Request> = (
  request: Request,
  exchange: Exchange,
) => Promise<void> | undefined;
