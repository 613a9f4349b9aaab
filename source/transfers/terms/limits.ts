/** How much a queue does at once, and how fast: three numbers that may change while it runs. */
import {JangadaError} from '../../../protocol/errors.ts';

export type Limits = {
  /** Number of files at once. A group of small files counts as one. */
  readonly files: number;
  /** Number of connections that one large file may use. */
  readonly connectionsPerFile: number;
  /** Limit in bytes a second for everything received; undefined: no limit. */
  readonly bytesPerSecond: number | undefined;
};

export type LimitName = keyof Limits;

export const defaultLimits: Limits = {files: 4, connectionsPerFile: 4, bytesPerSecond: undefined};

/** Most files at once, and most connections for one file. */
const mostAtOnce = 16;

/** Bytes of a file that make one more connection worthwhile; fewer if it leads to another server. */
const bytesPerLane = 32 * 1_048_576;
const bytesPerServer = 4 * 1_048_576;

/** A slower connection gains nothing, and the server takes a connection for dead if the client hardly reads from it. */
const bytesPerSecondPerLane = 256_000;

/** Whether `value` is valid for the limit `name`. */
export function isLimit(name: LimitName, value: number | undefined): boolean {
  return name === 'bytesPerSecond'
    ? value === undefined || (Number.isSafeInteger(value) && value >= 1)
    : value !== undefined && Number.isInteger(value) && value >= 1 && value <= mostAtOnce;
}

/** @throws JangadaError `usage` for a number that is not valid as a limit. */
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

/** Total number of connections. */
export function connectionsOf({files, connectionsPerFile}: Limits): number {
  return Math.max(files, connectionsPerFile);
}

/** Number of connections for a file of `size` bytes on `servers` servers, while `atWork` files run. */
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
