/** Parses a typed position in a file. */
import {type DisplayText, displayName} from '../../../../protocol/display-text.ts';
import {formatCount} from '../../text/format.ts';
import {say} from '../../text/say.ts';

/** Decimal units as in displayed sizes, and binary units by their own names. */
const units: Readonly<Record<string, number>> = {
  ...{'': 1, b: 1, k: 1e3, kb: 1e3, m: 1e6, mb: 1e6, g: 1e9, gb: 1e9, t: 1e12, tb: 1e12},
  ...{kib: 2 ** 10, mib: 2 ** 20, gib: 2 ** 30, tib: 2 ** 40},
};

/** `length` undefined: the whole file. */
type Position = {readonly length: number | undefined} | {readonly complaint: DisplayText};

/**
 * Accepts a number of bytes (`47185920`, `47,185,920`), a size (`45M`, `1.5 GiB`) or a part (`50%`), rounded down.
 *
 * @param size of the file on the server, in bytes; undefined if it is not known.
 */
export function parsePosition(text: string, size: number | undefined): Position {
  const parts = /^(\d+(?:\.\d+)?)([a-z]*|%)$/i.exec(text.replaceAll(/[\s,_]/g, ''));
  const [, number = '', unit = ''] = parts ?? [];
  if (text.trim() === '') {
    return {length: undefined};
  }

  if (unit === '%') {
    return part(Number(number), size);
  }

  const scale = units[unit.toLowerCase()];
  const length = Math.floor(Number(number) * (scale ?? Number.NaN));
  if (parts === null || !Number.isSafeInteger(length)) {
    return {
      complaint: say`Invalid position '${displayName(text)}': type bytes, a size like 45M or 1.5GiB, or 50%.`,
    };
  }

  return size !== undefined && length > size
    ? {complaint: say`The file has ${formatCount(size)} bytes: type at most that.`}
    : {length};
}

function part(percent: number, size: number | undefined): Position {
  if (percent > 100) {
    return {complaint: say`Type at most 100%.`};
  }

  return size === undefined
    ? {complaint: say`The size of the file is not known yet: type a number of bytes.`}
    : // 33.3 % of 1,000 are 333 bytes, which a number with a point just misses.
      {length: Math.floor((size * percent) / 100 + 1e-6)};
}
