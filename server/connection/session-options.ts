/** The options of a session: its client, and what it shares with other sessions. */
import type {ClassicOptions} from '../classic/classic-options.ts';
import type {Compressor} from '../compression/compressor.ts';
import type {Services} from '../operations/exchange.ts';
import type {BlockLease} from '../output/block-pool.ts';
import type {ClientLog} from '../output/client-log.ts';
import type {Limiter} from '../output/send-limiter.ts';
import type {Readiness} from '../readiness.ts';
import type {ClientSocket} from './client-socket.ts';
import type {LoginMeans} from './login.ts';

export type SessionOptions = {
  socket: ClientSocket;
  /** The client's address. */
  peer: string;
  /** How the client logs in before its first request; undefined: clients need no login. */
  login?: LoginMeans | undefined;
  services: Services;
  readiness: Readiness;
  /** A Jangada client wants a place: answer with `greet` or `refuse`. */
  enter(): void;
  blocks: BlockLease;
  compressor: Compressor;
  limiter: Limiter | undefined;
  /** How to answer a client that begins with a digit; undefined: refuse it. */
  classic?: ClassicOptions | undefined;
  log: ClientLog;
};
