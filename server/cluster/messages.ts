/**
 * What the keeper and a serving process tell each other, in JSON. The connections, the turns and the questions have
 * numbers that whoever begins them gives.
 */
import type {ErrorCode} from '../../protocol/errors.ts';
import type {ClassicOptions} from '../classic/classic-options.ts';
import type {DoorOptions} from '../doors/open-door.ts';
import type {DigestsOption} from '../indexes/shelves/open-shelf.ts';
import type {LogLevel} from '../log-levels.ts';
import type {Counts} from '../metrics/counts.ts';
import type {Deadlines} from '../waiting/deadlines.ts';
import type {LongWork} from '../waiting/long-work.ts';

/** All that a serving process has to know before its first connection. */
export type Beginning = {
  /** Its own number, which its lines in the log have, from 1. */
  process: number;
  /** The number of them. */
  processes: number;
  /** The path of the folder to serve, or the URL of a bucket. */
  root: string;
  /** The service of a bucket. */
  s3Endpoint?: string | undefined;
  door: DoorOptions;
  digests?: DigestsOption;
  /** Whether only this machine reaches the server. */
  isLocal: boolean;
  logLevel: LogLevel;
  /** Connections that may have a place at once, and those of one address. */
  most: number;
  mostPerAddress: number;
  workers?: number;
  /** Bytes per second, of all processes together. */
  limit?: number;
  trustProxy?: readonly string[];
  classic?: ClassicOptions;
  deadlines?: Partial<Deadlines>;
};

export type ToServing =
  | {do: 'begin'; beginning: Beginning}
  /** With a socket; without one, its client has left on the way. */
  | {do: 'serve'}
  | {do: 'admit' | 'makeWay'; place: number}
  | {do: 'refuse'; place: number; why: string}
  /** Which of the connections, or of those of an address, should give way first? */
  | {do: 'longestIdle'; question: number; address?: string}
  /** The bytes that were asked for first may flow. */
  | {do: 'flow'}
  | {do: 'turn'; turn: number}
  /** Another process was given a wrong proof, or a right one after wrong ones. */
  | {do: 'countWrongProof' | 'forgetWrongProofs'; address: string}
  | {do: 'reload'}
  /** Balancers are to be told to send clients elsewhere. */
  | {do: 'drain'}
  | {do: 'stop'; graceMs: number};

export type FromServing =
  | {tell: 'serving'}
  /** It cannot serve, and ends. */
  | {tell: 'failed'; code: ErrorCode; message: string}
  /** A connection that was handed over has ended. */
  | {tell: 'closed'}
  | {tell: 'newcomer'; place: number; address: string}
  | {tell: 'left'; place: number}
  | {
      tell: 'longestIdle';
      question: number;
      longest?: {place: number; idleMs: number; owesLogin: boolean};
    }
  | {tell: 'bytes'; bytes: number}
  /** What it has counted since its start, again and again. */
  | {tell: 'counts'; counts: Counts}
  | {tell: 'enter'; turn: number; of: keyof LongWork; key: string}
  /** A turn is not wanted any more, or has ended. */
  | {tell: 'leave'; turn: number}
  | {tell: 'wrongProof' | 'rightProof'; address: string};
