/**
 * What a server decides over all its connections, in whichever process they are. In a server of one process, the
 * decisions are made here; with several processes, `cluster/kept-means.ts` asks the keeper.
 */
import type {Logger} from 'pino';
import {WrongProofs} from '../doors/wrong-proofs.ts';
import {type Limiter, SendLimiter} from '../output/send-limiter.ts';
import {type LongWork, ownLongWork} from '../waiting/long-work.ts';
import {type Idle, longestIdle, type Newcomer, type PlaceLimits, Places} from './places.ts';

/** A newcomer whose connection is in this process. */
export type OwnNewcomer = Newcomer & {
  /** Undefined while an answer is running. */
  readonly idle: Idle | undefined;
};

export type Means = {
  readonly places: Pick<Places<OwnNewcomer>, 'ask' | 'left' | 'most' | 'mostPerAddress'>;
  readonly wrongProofs: Pick<WrongProofs, 'add' | 'waitMs'>;
  /** Limits the bytes of all connections; undefined: no limit. */
  readonly limiter: Limiter | undefined;
  readonly longWork: LongWork;
  /** The number of processes that share the limits of threads and of log lines of one server. */
  readonly processes: number;
};

type OwnMeansOptions = PlaceLimits & {
  giveWayMs: number;
  /** Bytes per second. */
  limit?: number;
};

/** The means of a server of one process. */
export function ownMeans({limit, ...options}: OwnMeansOptions, logger: Logger): Means {
  return {
    places: new Places<OwnNewcomer>({...options, longestIdle}, logger),
    wrongProofs: new WrongProofs(),
    limiter: limit === undefined ? undefined : new SendLimiter(limit),
    longWork: ownLongWork(),
    processes: 1,
  };
}
