/** Check the values of options. Each error says what to write instead. */
import {displayName} from '../../protocol/display-text.ts';
import {JangadaError} from '../../protocol/errors.ts';
import {nearest} from '../../protocol/program/nearest.ts';
import {parseRate} from '../../protocol/program/parse-rate.ts';
import {type LogLevel, logLevels} from '../log-levels.ts';

export function nonEmpty(name: string, value: string | undefined): string | undefined {
  if (value === '') {
    throw usage(`--${name} needs a value`);
  }

  return value;
}

export function integer(
  name: string,
  value: string | undefined,
  low: number,
  high: number,
): number | undefined {
  const text = nonEmpty(name, value);
  if (text === undefined) {
    return undefined;
  }

  const number = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (!(number >= low && number <= high)) {
    throw usage(
      `Invalid value '${displayName(text)}' for --${name}: use a number from ${low} to ${high}`,
    );
  }

  return number;
}

/** Milliseconds, from a value in whole seconds up to an hour. */
export function seconds(name: string, value: string | undefined): number | undefined {
  const count = integer(name, value, 0, 3600);
  return count === undefined ? undefined : 1000 * count;
}

export function logLevel(value: string | undefined): LogLevel | undefined {
  const text = nonEmpty('log-level', value);
  const level = logLevels.find(level => level === text);
  if (text !== undefined && level === undefined) {
    const closest = nearest(text, logLevels);
    const advice =
      closest === undefined ? `write one of ${logLevels.join(', ')}` : `did you mean ${closest}?`;
    throw usage(`Unknown log level '${displayName(text)}'; ${advice}`);
  }

  return level;
}

export function rate(value: string | undefined): number | undefined {
  const text = nonEmpty('limit', value);
  const bytesPerSecond = text === undefined ? undefined : parseRate(text);
  if (text !== undefined && bytesPerSecond === undefined) {
    throw usage(
      `Invalid value '${displayName(text)}' for --limit: use a number of bytes a second such as 500k or 10M`,
    );
  }

  return bytesPerSecond;
}

export function defined<Name extends string, Value>(name: Name, value: Value | undefined) {
  // TypeScript widens a computed key to string; here the key is `name`.
  return (value === undefined ? {} : {[name]: value}) as {[Key in Name]?: Value};
}

export function usage(message: string): JangadaError {
  return new JangadaError('usage', message);
}
