/**
 * The JSON messages between the keeper and a serving process. Connections, turns and questions have numbers; the side
 * that begins one gives it its number.
 */
import type {ErrorCode} from '../../protocol/errors.ts';
import type {ClassicOptions} from '../classic/classic-options.ts';
import type {DoorOptions} from '../doors/open-door.ts';
import type {DigestsOption} from '../indexes/shelves/open-shelf.ts';
import type {LogLevel} from '../log-levels.ts';
import type {Counts} from '../metrics/counts.ts';
import type {Deadlines} from '../waiting/deadlines.ts';
import type {LongWork} from '../waiting/long-work.ts';

/** Everything that a serving process needs before its first connection. */
export type Beginning = {
  /** The number of this process, from 1, which its log lines show. */
  process: number;
  /** The number of processes. */
  processes: number;
  /** The path of the folder to serve, or the URL of a bucket. */
  root: string;
  /** The endpoint of a bucket. */
  s3Endpoint?: string | undefined;
  door: DoorOptions;
  digests?: DigestsOption;
  /** Whether only this machine reaches the server. */
  isLocal: boolean;
  logLevel: LogLevel;
  /** The limits of connections with a place: of all clients, and of one address. */
  most: number;
  mostPerAddress: number;
  workers?: number;
  /** Bytes per second for all processes together. */
  limit?: number;
  trustProxy?: readonly string[];
  classic?: ClassicOptions;
  deadlines?: Partial<Deadlines>;
};

export type ToServing =
  | {do: 'begin'; beginning: Beginning}
  /** Comes with a socket; without one if the client has left meanwhile. */
  | {do: 'serve'}
  | {do: 'admit' | 'makeWay'; place: number}
  | {do: 'refuse'; place: number; why: string}
  /** Asks which connection, of all or of one address, should give way first. */
  | {do: 'longestIdle'; question: number; address?: string}
  /** Allows the bytes of the oldest question. */
  | {do: 'flow'}
  | {do: 'turn'; turn: number}
  /** Another process has received a wrong proof. */
  | {do: 'countWrongProof'; address: string}
  | {do: 'reload'}
  /** Tell balancers to send clients elsewhere. */
  | {do: 'drain'}
  | {do: 'stop'; graceMs: number};

export type FromServing =
  | {tell: 'serving'}
  /** The process cannot serve, and ends. */
  | {tell: 'failed'; code: ErrorCode; message: string}
  /** A connection that the keeper passed has ended. */
  | {tell: 'closed'}
  | {tell: 'newcomer'; place: number; address: string}
  | {tell: 'left'; place: number}
  | {
      tell: 'longestIdle';
      question: number;
      longest?: {place: number; idleMs: number; owesLogin: boolean};
    }
  | {tell: 'bytes'; bytes: number}
  /** The counters since the start of the process; sent about once a second. */
  | {tell: 'counts'; counts: Counts}
  | {tell: 'enter'; turn: number; of: keyof LongWork; key: string}
  /** The process no longer waits for a turn, or the turn has ended. */
  | {tell: 'leave'; turn: number}
  | {tell: 'wrongProof'; address: string};
