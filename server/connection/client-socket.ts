import type {Duplex} from 'node:stream';

/** The bytes from and to one client: a socket of the system, or the two ends that ssh gives to a program. */
export type ClientSocket = Duplex & {
  readonly remoteAddress?: string | undefined;
  readonly remotePort?: number | undefined;
  /** Bytes that were handed over to be sent, those that still wait here included. */
  readonly bytesWritten: number;
  /** Emit `timeout` after such a silence in both directions; 0: never. */
  setTimeout(ms: number): unknown;
};
