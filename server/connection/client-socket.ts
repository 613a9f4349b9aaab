import type {Duplex} from 'node:stream';

/** The byte stream of one client: a network socket, or the standard input and output that ssh gives to a program. */
export type ClientSocket = Duplex & {
  readonly remoteAddress?: string | undefined;
  readonly remotePort?: number | undefined;
  /** Bytes written so far, including those that still wait in this process. */
  readonly bytesWritten: number;
  /** Emit `timeout` after `ms` without bytes in either direction; 0: never. */
  setTimeout(ms: number): unknown;
};
