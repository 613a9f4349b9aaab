/** Numbers and times as people read them. */
import prettyBytes from 'pretty-bytes';
import prettyMilliseconds from 'pretty-ms';
import {displayName} from '../../protocol/display-text.ts';
import {notation} from '../../protocol/program/notation.ts';

/** `7.51 MB`. */
export function formatSize(bytes: number): string {
  return inUnits(bytes);
}

/** `12.3 MB/s`. */
export function formatRate(bytesPerSecond: number): string {
  return `${inUnits(Math.round(bytesPerSecond))}/s`;
}

function inUnits(bytes: number): string {
  if (Number.isInteger(bytes) && bytes >= 0 && bytes < 1000) {
    // The fast path: a listing formats a hundred thousand sizes.
    return `${bytes} B`;
  }

  return prettyBytes(bytes, {binary: notation().sizes === 'binary'});
}

/** `3.4s`, `1m 20s`. */
export function formatDuration(milliseconds: number): string {
  return prettyMilliseconds(Math.max(0, milliseconds));
}

/** Local time, to the minute: `2025-01-12 14:02`; `?` for a time outside the range of dates. */
export function formatTime(mtimeMs: number): string {
  const date = new Date(mtimeMs);
  if (Number.isNaN(date.getTime())) {
    return '?';
  }

  const two = (number: number) => (number < 10 ? `0${number}` : number);
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** `1 file`, `2 files`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

/** The numbers, ascending, as ranges: `3, 5-9`. A long list ends with the number of ranges that are left out. */
export function formatRanges(numbers: readonly number[], most = 8): string {
  const ranges: Array<[number, number]> = [];
  for (const number of numbers) {
    const last = ranges.at(-1);
    if (last !== undefined && last[1] === number - 1) {
      last[1] = number;
    } else {
      ranges.push([number, number]);
    }
  }

  const shown = ranges
    .slice(0, most)
    .map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`));
  const rest = ranges.length - shown.length;
  return shown.join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}

/** `text` as one word for a POSIX shell, quoted if need be. */
export function shellWord(text: string): string {
  const safe = displayName(text);
  return /^[\w@%+=:,./-]+$/.test(safe) ? safe : `'${safe.replaceAll("'", "'\\''")}'`;
}
