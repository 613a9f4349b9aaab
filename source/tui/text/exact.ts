/** Sizes and times to the last digit, so that two different ones never look equal. */
import type {DisplayText} from '../../../protocol/display-text.ts';
import {formatBytes, formatCount, formatTime} from './format.ts';
import {say} from './say.ts';

/** `50.3 MB`; `50,331,648 B` if `other` is a different size. */
export function sizeBeside(bytes: number, other: number | undefined): DisplayText {
  return other === undefined || other === bytes ? formatBytes(bytes) : say`${formatCount(bytes)} B`;
}

/** `2025-01-12 09:41:07`, in local time; with milliseconds if `other` differs by less than a second. */
export function timeBeside(ms: number, other: number | undefined): DisplayText {
  const minute = formatTime(ms);
  const date = new Date(ms);
  if (minute.startsWith('-')) {
    return minute;
  }

  const seconds = String(date.getSeconds()).padStart(2, '0') as DisplayText; // Digits.
  const isClose = other !== undefined && Math.abs(other - ms) >= 1 && Math.abs(other - ms) < 1000;
  const rest = String(date.getMilliseconds()).padStart(3, '0') as DisplayText; // Digits.
  return isClose ? say`${minute}:${seconds}.${rest}` : say`${minute}:${seconds}`;
}
