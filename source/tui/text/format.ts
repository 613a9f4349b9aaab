/** Numbers as people read them. */
import prettyBytes from 'pretty-bytes';
import prettyMilliseconds from 'pretty-ms';
import type {DisplayText} from '../../../protocol/display-text.ts';
import {notation} from '../../../protocol/program/notation.ts';

/** `7.5 MB`. */
export function formatBytes(bytes: number): DisplayText {
  return inUnits(bytes) as DisplayText; // Digits and a unit.
}

/** `182 MB/s`: three digits, because nobody can read more while they change. */
export function formatSpeed(bytesPerSecond: number): DisplayText {
  return `${inUnits(Math.round(bytesPerSecond))}/s` as DisplayText; // Digits and a unit.
}

function inUnits(bytes: number): string {
  return prettyBytes(bytes, {binary: notation().sizes === 'binary'});
}

/** `500k`, `10M`, `none`: the exact rate in the form in which a user types it. */
export function formatTypedRate(bytesPerSecond: number | undefined): DisplayText {
  const units = [
    [1e9, 'G'],
    [1e6, 'M'],
    [1e3, 'k'],
  ] as const;
  const [size, letter] = units.find(([size]) => (bytesPerSecond ?? 1) % size === 0) ?? [1, ''];
  // Digits and a unit.
  return (
    bytesPerSecond === undefined ? 'none' : `${bytesPerSecond / size}${letter}`
  ) as DisplayText;
}

/** `1.3 of 2.1 GB`: the unit only once if both have the same. */
export function formatPart(done: number, total: number): DisplayText {
  const whole = formatBytes(total);
  const part = formatBytes(done);
  const [number = '', unit] = part.split(' ');
  // Digits and units.
  return (
    whole.endsWith(` ${unit}`) ? `${number} of ${whole}` : `${part} of ${whole}`
  ) as DisplayText;
}

/** `1,203,551`. */
export function formatCount(count: number): DisplayText {
  // `Intl.NumberFormat` gives the same text, but making one takes a tenth of the time of the first frame.
  return String(count).replace(/\B(?=(?:\d{3})+$)/g, ',') as DisplayText; // Digits and commas.
}

/** `63 %`; `100 %` only when nothing is missing. */
export function formatPercent(done: number, total: number): DisplayText {
  return `${percentOf(done, total)} %` as DisplayText; // Digits.
}

/** Whole percent, rounded down. */
export function percentOf(done: number, total: number): number {
  return total <= 0 ? 100 : Math.max(0, Math.min(100, Math.floor((done * 100) / total)));
}

/** `1m 4s`: at most two units, no fractions. */
export function formatDuration(milliseconds: number): DisplayText {
  const rounded = Math.max(0, Math.round(milliseconds / 1000)) * 1000;
  // Digits and units.
  return prettyMilliseconds(rounded, {unitCount: 2, secondsDecimalDigits: 0}) as DisplayText;
}

/** `2025-01-12`, in local time; dashes for an invalid time. */
export function formatDate(timeMs: number): DisplayText {
  const date = new Date(timeMs);
  const year = date.getFullYear();
  if (!(year >= 0 && year <= 9999)) {
    return '----------' as DisplayText;
  }

  // Digits.
  return `${pad(year, 4)}-${pad(date.getMonth() + 1, 2)}-${pad(date.getDate(), 2)}` as DisplayText;
}

/** `2025-01-12 09:41`, in local time. */
export function formatTime(timeMs: number): DisplayText {
  const date = new Date(timeMs);
  const day = formatDate(timeMs);
  return day.startsWith('-')
    ? day
    : (`${day} ${pad(date.getHours(), 2)}:${pad(date.getMinutes(), 2)}` as DisplayText); // Digits.
}

function pad(number: number, digits: number): string {
  return String(number).padStart(digits, '0');
}

/** `1 file`, `3 files`. */
export function plural(count: number, one: string, many = `${one}s`): DisplayText {
  return `${formatCount(count)} ${count === 1 ? one : many}` as DisplayText; // Words of this code.
}

/** `1.3 / 2.1 GB`: the unit only once if both have the same. */
export function formatOf(done: number, total: number): DisplayText {
  return formatPart(done, total).replace(' of ', ' / ') as DisplayText; // Digits and units.
}

/** In seconds; a longer estimate is of no use. */
const longestEstimate = 30 * 24 * 3600;

/** Whole seconds for `bytes` at that speed; undefined if it cannot be estimated. */
export function secondsLeft(bytes: number, bytesPerSecond: number): number | undefined {
  const seconds = Math.ceil(bytes / bytesPerSecond);
  return seconds <= longestEstimate ? seconds : undefined;
}

/** `55 s`, `12 min`, `7 h`, `3 days`: one unit, because an estimate is not more exact. */
export function formatTimeLeft(seconds: number): DisplayText {
  // Digits and a unit.
  return (
    seconds < 120
      ? `${Math.max(0, Math.ceil(seconds))} s`
      : seconds < 7200
        ? `${Math.round(seconds / 60)} min`
        : seconds < 48 * 3600
          ? `${Math.round(seconds / 3600)} h`
          : `${Math.round(seconds / 86_400)} days`
  ) as DisplayText;
}
