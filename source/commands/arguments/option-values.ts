/** The values of options, checked. Each throws a JangadaError `usage` that names the option. */
import path from 'node:path';
import {type Address, parseAddress} from '../../../protocol/address.ts';
import {displayName} from '../../../protocol/display-text.ts';
import {isJangadaError, JangadaError} from '../../../protocol/errors.ts';
import {parseRate} from '../../../protocol/parse-rate.ts';
import {type Priority, priorities} from '../../transfers/terms/priority.ts';

const defaultServer = 'jangada://127.0.0.1:1234';

const conflictAnswers = ['ask', 'overwrite', 'rename', 'skip', 'resume', 'newer'] as const;
export type OnConflict = (typeof conflictAnswers)[number];

const hashNames = ['sha1', 'sha256'] as const;

/** Options with every default filled in. */
export type Options = {
  server: Address;
  /** Absolute. */
  to: string;
  /** Connections for one file; and in all, unless there are more files at once. */
  connections: number;
  /** Files at once. */
  files: number;
  /** Bytes a second. */
  limit: number | undefined;
  retries: number;
  onConflict: OnConflict;
  dirs: boolean;
  priority: Priority;
  algorithm: (typeof hashNames)[number];
  compare: string | undefined;
  from: string | undefined;
  seed: string | undefined;
  /** Absolute. */
  checksums: string | undefined;
  repair: boolean;
  deletePartial: boolean;
  json: boolean;
  quiet: boolean;
  /** The values as they stood on the command line, without defaults. */
  written: RawOptions;
};

/** Values as they were written, by option name; `true` for an option that takes none. */
export type RawOptions = Readonly<Record<string, string | true | undefined>>;

/** @throws JangadaError `usage` for the first value that is wrong. */
export function readOptions(raw: RawOptions, environment: NodeJS.ProcessEnv): Options {
  const connections = wholeNumber('--connections', text(raw.connections), 4, 1, 16);
  return {
    server: server(text(raw.server), environment.JANGADA_SERVER),
    to: path.resolve(text(raw.to) ?? '.'),
    connections,
    files: wholeNumber('--files', text(raw.files), connections, 1, 16),
    limit: rateOf('--limit', text(raw.limit) ?? 'none'),
    retries: wholeNumber('--retries', text(raw.retries), 10, 0, 1000),
    onConflict: oneOf('--on-conflict', text(raw.onConflict) ?? 'ask', conflictAnswers),
    dirs: raw.dirs === true,
    priority: oneOf('--priority', text(raw.priority) ?? 'normal', priorities),
    algorithm: oneOf('--algorithm', text(raw.algorithm) ?? 'sha256', hashNames),
    compare: text(raw.compare),
    from: text(raw.from),
    seed: text(raw.seed),
    checksums: file('--checksums', text(raw.checksums)),
    repair: raw.repair === true,
    deletePartial: raw.deletePartial === true,
    json: raw.json === true,
    quiet: raw.quiet === true,
    written: raw,
  };
}

function text(value: string | true | undefined): string | undefined {
  return value === true ? undefined : value;
}

/** The absolute path of a file that is named. */
function file(option: string, value: string | undefined): string | undefined {
  if (value === '-') {
    throw wrong(option, value, 'it has to be a file (./- is one)');
  }

  return value === undefined ? undefined : path.resolve(value);
}

function server(option: string | undefined, variable: string | undefined): Address {
  if (option !== undefined) {
    return parseAddress(option);
  }

  if (variable === undefined || variable === '') {
    return parseAddress(defaultServer);
  }

  try {
    return parseAddress(variable);
  } catch (error) {
    throw isJangadaError(error)
      ? new JangadaError('usage', `JANGADA_SERVER: ${error.message}`, {cause: error})
      : error;
  }
}

function wholeNumber(
  option: string,
  value: string | undefined,
  otherwise: number,
  least: number,
  most: number,
): number {
  if (value === undefined) {
    return otherwise;
  }

  const number = Number(value);
  if (!/^\d{1,9}$/.test(value) || number < least || number > most) {
    throw wrong(option, value, `write a whole number from ${least} to ${most}`);
  }

  return number;
}

function oneOf<Value extends string>(
  option: string,
  value: string,
  values: readonly Value[],
): Value {
  const found = values.find(known => known === value);
  if (found === undefined) {
    throw wrong(option, value, `write one of ${values.join(', ')}`);
  }

  return found;
}

/**
 * Bytes a second: `500k`, `10M`, `1.5G` or a plain number; undefined for `none`. k, M and G are
 * powers of 1,000, as in the sizes and speeds that are shown.
 */
export function rateOf(option: string, value: string): number | undefined {
  const rate = parseRate(value);
  if (rate === undefined && value !== 'none') {
    throw wrong(option, value, 'write bytes a second: 500k, 10M, a plain number, or none');
  }

  return rate;
}

function wrong(option: string, value: string, advice: string): JangadaError {
  return new JangadaError('usage', `'${displayName(value)}' is no value for ${option}: ${advice}`);
}
