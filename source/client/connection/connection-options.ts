import type {Address} from '../../../protocol/address.ts';
import type {Clock} from './heartbeat.ts';
import type {Trust} from './identity.ts';
import type {RateLimiter} from './rate-limiter.ts';
import type {Ssh} from './ways/ssh/ssh.ts';

export type ConnectionOptions = {
  signal?: AbortSignal | undefined;
  limiter?: RateLimiter | undefined;
  /** Time limit to connect and to receive the greeting. Default: 10 s; over ssh 30 s. */
  connectTimeoutMs?: number | undefined;
  /**
   * After this silence the server counts as gone: while an answer is due, and on an idle connection, which is pinged
   * three times as often. Default: 14 s, so that the client notices within 15 s.
   */
  silenceTimeoutMs?: number | undefined;
  /** Remembered tokens and fingerprints. Default: nothing. */
  trust?: Trust | undefined;
  /** The ssh that connects to servers of ssh:// addresses. */
  ssh?: Ssh | undefined;
  /** Default: the clocks of the system. */
  clock?: Clock | undefined;
};

/** Time limit to connect, in milliseconds. ssh may go through other machines and starts a program, so it gets more. */
export function patienceWith({scheme}: Address): number {
  return scheme === 'ssh' ? 30_000 : 10_000;
}
