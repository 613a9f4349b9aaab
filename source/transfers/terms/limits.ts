/** How much a queue does at once, and how fast: three numbers that may change while it works. */
import {JangadaError} from '../../../protocol/errors.ts';

export type Limits = {
  /** Files that are worked on at once; small ones that go together count as one. */
  readonly files: number;
  /** Connections that one large file may use. */
  readonly connectionsPerFile: number;
  /** Bytes a second that are received in all; undefined: as fast as it goes. */
  readonly bytesPerSecond: number | undefined;
};

export type LimitName = keyof Limits;

export const defaultLimits: Limits = {files: 4, connectionsPerFile: 4, bytesPerSecond: undefined};

/** Files at once, and connections for one of them. */
const mostAtOnce = 16;

/** A further connection for one file has to be worth its while; one to another server is so sooner. */
const bytesPerLane = 32 * 1_048_576;
const bytesPerServer = 4 * 1_048_576;

/** One alone is as fast; and one that is hardly read from is taken for dead by the server. */
const bytesPerSecondPerLane = 256_000;

/** Whether `value` is one that the limit `name` can have. */
export function isLimit(name: LimitName, value: number | undefined): boolean {
  return name === 'bytesPerSecond'
    ? value === undefined || (Number.isSafeInteger(value) && value >= 1)
    : value !== undefined && Number.isInteger(value) && value >= 1 && value <= mostAtOnce;
}

/** @throws JangadaError `usage` for a number that can be no limit. */
export function checkLimits(limits: Partial<Limits>): void {
  for (const name of limitNames) {
    if (name in limits && !isLimit(name, limits[name])) {
      const range = name === 'bytesPerSecond' ? 'at least 1' : `from 1 to ${mostAtOnce}`;
      throw new JangadaError(
        'usage',
        `Invalid value ${limits[name]} for ${name}: use a whole number ${range}`,
      );
    }
  }
}

export const limitNames = ['files', 'connectionsPerFile', 'bytesPerSecond'] as const;

/** Connections in all. */
export function connectionsOf({files, connectionsPerFile}: Limits): number {
  return Math.max(files, connectionsPerFile);
}

/** Connections for a file of `size` bytes that `servers` have, if so many files are worked on. */
export function lanesFor(limits: Limits, atWork: number, size: number, servers = 1): number {
  const {connectionsPerFile, bytesPerSecond = Number.POSITIVE_INFINITY} = limits;
  const others = Math.max(1, atWork);
  const share = Math.floor(connectionsOf(limits) / others);
  const useful = Math.max(
    Math.floor(size / bytesPerLane),
    Math.min(servers, Math.floor(size / bytesPerServer)),
  );
  const fast = Math.floor(bytesPerSecond / others / bytesPerSecondPerLane);
  return Math.max(1, Math.min(share, connectionsPerFile, useful, fast));
}
