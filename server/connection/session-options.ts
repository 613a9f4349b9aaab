/** What a session is given: its client, and the means that it shares with others. */
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
  /** The proof that the client owes before its first request; undefined: none. */
  login?: LoginMeans | undefined;
  services: Services;
  readiness: Readiness;
  /** The client is one of Jangada, and wants a place: `greet` and `refuse` are the answers. */
  enter(): void;
  blocks: BlockLease;
  compressor: Compressor;
  limiter: Limiter | undefined;
  /** How a client is answered that begins with a digit; without it, it is not. */
  classic?: ClassicOptions | undefined;
  log: ClientLog;
};
