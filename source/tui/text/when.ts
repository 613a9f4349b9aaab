/** Times as people say them: recent times are more exact. */
import type {DisplayText} from '../../../protocol/display-text.ts';
import {notation} from '../../../protocol/program/notation.ts';
import {formatDate, formatTime} from './format.ts';

const dayMs = 24 * 3600 * 1000;
/** For so long a date without its year is clear: the same day of another year is too far away. */
const yearlessMs = 300 * dayMs;

/**
 * `today 18:12`, `3 Jan` for the last months, `2019-03-04` for other times, in local time; dashes for an invalid time.
 * With the notation `iso` it is always `2025-01-12 09:41`.
 */
export function formatWhen(timeMs: number, nowMs: number): DisplayText {
  if (notation().dates === 'iso') {
    return formatTime(timeMs);
  }

  const date = new Date(timeMs);
  const now = new Date(nowMs);
  if (date.toDateString() === now.toDateString() && !Number.isNaN(timeMs)) {
    return `today ${pad(date.getHours())}:${pad(date.getMinutes())}` as DisplayText; // Digits.
  }

  const ageMs = nowMs - timeMs;
  return ageMs >= 0 && ageMs < yearlessMs
    ? (`${date.getDate()} ${months[date.getMonth()]}` as DisplayText) // Digits and a month.
    : formatDate(timeMs);
}

/** The number of the day of `timeMs`: a text of `formatWhen` stays right for the whole day. */
export function dayOf(timeMs: number): number {
  return new Date(timeMs).setHours(0, 0, 0, 0);
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

function pad(number: number): string {
  return String(number).padStart(2, '0');
}
