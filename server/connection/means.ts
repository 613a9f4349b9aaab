/**
 * What a server decides over all of its connections, whichever process they are in. Of a server that is one
 * process all of it is here; of several, `cluster/kept-means.ts` asks the process that keeps it.
 */
import type {Logger} from 'pino';
import {WrongProofs} from '../doors/wrong-proofs.ts';
import {type Limiter, SendLimiter} from '../output/send-limiter.ts';
import {type LongWork, ownLongWork} from '../waiting/long-work.ts';
import {type Idle, longestIdle, type Newcomer, type PlaceLimits, Places} from './places.ts';

/** One whose connection is in this process. */
export type OwnNewcomer = Newcomer & {
  /** Undefined while something is answered. */
  readonly idle: Idle | undefined;
};

export type Means = {
  readonly places: Pick<Places<OwnNewcomer>, 'ask' | 'left' | 'most' | 'mostPerAddress'>;
  readonly wrongProofs: Pick<WrongProofs, 'add' | 'forget'>;
  /** Of the bytes of all connections; undefined: they have no limit. */
  readonly limiter: Limiter | undefined;
  readonly longWork: LongWork;
  /** Processes that share the threads, and the lines of the log, that one server may have. */
  readonly processes: number;
};

type OwnMeansOptions = PlaceLimits & {
  giveWayMs: number;
  /** Bytes per second. */
  limit?: number;
};

/** The means of a server that is one process. */
export function ownMeans({limit, ...options}: OwnMeansOptions, logger: Logger): Means {
  return {
    places: new Places<OwnNewcomer>({...options, longestIdle}, logger),
    wrongProofs: new WrongProofs(),
    limiter: limit === undefined ? undefined : new SendLimiter(limit),
    longWork: ownLongWork(),
    processes: 1,
  };
}
