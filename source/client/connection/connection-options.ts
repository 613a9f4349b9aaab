import type {Address} from '../../../protocol/address.ts';
import type {Clock} from './heartbeat.ts';
import type {Trust} from './identity.ts';
import type {RateLimiter} from './rate-limiter.ts';
import type {Ssh} from './ways/ssh/ssh.ts';

export type ConnectionOptions = {
  signal?: AbortSignal | undefined;
  limiter?: RateLimiter | undefined;
  /** To connect and be greeted. Default: 10 s; by way of ssh 30 s. */
  connectTimeoutMs?: number | undefined;
  /**
   * Silence after which the peer is dead, while an answer is due, and while nothing is: then it is
   * pinged three times as often. Default: 14 s, so that it is known within 15.
   */
  silenceTimeoutMs?: number | undefined;
  /** What is remembered of servers. Default: nothing. */
  trust?: Trust | undefined;
  /** The ssh that connects to servers of ssh://. */
  ssh?: Ssh | undefined;
  /** Default: those of the system. */
  clock?: Clock | undefined;
};

/** Requests that every server takes behind the preface, before it has said its limits. */
export const pipelinedBeforeHello = 4;

/** Milliseconds: a connection by way of other machines, with a program that is started at its end, takes longer. */
export function patienceWith({scheme}: Address): number {
  return scheme === 'ssh' ? 30_000 : 10_000;
}
