/** Lines about running transfers: bars in a terminal, plain lines elsewhere. */
import stringWidth from 'string-width';
import {displayName} from '../../../protocol/display-text.ts';
import type {TransferSnapshot} from '../../transfers/queue/queue.ts';
import {arrivedBytes} from '../../transfers/terms/download-event.ts';
import {count, formatDuration, formatRate, formatSize} from '../format.ts';
import type {Tally} from '../transfer/tally.ts';
import type {Update} from '../transfer/watch.ts';
import {type BarStyle, bar, cell, fit, percent} from './bar.ts';

const mostBars = 6;
/** Columns of the facts after a bar, so that they do not move as numbers grow. */
const usualFacts = 46;

/** A line for each of the first running transfers and, if there are several files, one for all. */
export function barLines(
  {running, bytesPerSecond}: Update,
  tally: Tally,
  counting: boolean,
  width: number,
  style: BarStyle,
): string[] {
  const shown = running.slice(0, mostBars);
  const facts = Math.max(usualFacts, ...shown.map(row => stringWidth(factsOf(row))));
  const lines = shown.map(row => barLine(row, width, style, facts));
  if (tally.asked > 1 || counting) {
    lines.push(fit(totalLine(running, bytesPerSecond, tally, counting), width));
  }

  return lines;
}

/**
 * `name  ████▌───  63 %  1.3 GB of 2.1 GB  182 MB/s  4s left` in at most `width` columns; the facts after the bar take
 * `factsWidth` of them.
 */
export function barLine(
  row: TransferSnapshot,
  width: number,
  style: BarStyle,
  factsWidth: number,
): string {
  const facts = factsOf(row);
  const room = width - factsWidth - 4;
  if (room < 16) {
    const name = cell(row.remotePath, Math.max(8, width - stringWidth(facts) - 2), style);
    return fit(`${name}  ${facts}`, width);
  }

  const barWidth = Math.floor(room / 2);
  const {done, total} = farOf(row);
  const name = cell(row.remotePath, room - barWidth, style);
  return `${name}  ${bar(total === 0 ? 0 : done / total, barWidth, style)}  ${facts}`;
}

/** The line of a running transfer without a bar, for a log. */
export function plainLine(row: TransferSnapshot): string {
  return `${displayName(row.remotePath)}  ${factsOf(row).trim()}`;
}

/**
 * `3 of 120 files  1.2 GB of 3.4 GB  350 MB/s  6s left`; while the search goes on, `counting: 3 of 120 files so far
 * 1.2 GB of 3.4 GB so far  350 MB/s`.
 */
export function totalLine(
  running: readonly TransferSnapshot[],
  bytesPerSecond: number,
  tally: Tally,
  counting: boolean,
): string {
  const settled = tally.done + tally.failed + tally.skipped;
  const done = running.reduce((sum, row) => sum + arrivedBytes(row), tally.doneBytes);
  const left = Math.max(0, tally.askedBytes - done);
  const soFar = counting ? ' so far' : '';
  return [
    `${counting ? 'counting: ' : ''}${settled} of ${tally.asked} files${soFar}`,
    `${formatSize(done)} of ${formatSize(Math.max(done, tally.askedBytes))}${soFar}`,
    formatRate(bytesPerSecond),
    ...(counting ? [] : timeLeft(left, bytesPerSecond)),
  ].join('  ');
}

/** `counting: 120 files so far  3.4 GB so far`, before the first file begins. */
export function countingLine(files: number, bytes: number): string {
  return `counting: ${count(files, 'file')} so far  ${formatSize(bytes)} so far`;
}

function factsOf(row: TransferSnapshot): string {
  const {state, size, bytesPerSecond} = row;
  if (state.name === 'connecting' || state.name === 'finishing') {
    return state.name;
  }

  const {done, total} = farOf(row);
  const far = percent(done, total).padStart(5);
  const rate = bytesPerSecond > 0 ? [formatRate(bytesPerSecond)] : [];
  if (state.name === 'checking' || state.name === 'copying') {
    const left = timeLeft(total - done, bytesPerSecond);
    return [`${state.name} ${far.trim()}`, ...rate, ...left].join('  ');
  }

  return [
    size === undefined ? '' : far,
    size === undefined ? formatSize(done) : `${formatSize(done)} of ${formatSize(size)}`,
    ...rate,
    ...timeLeft(total - done, bytesPerSecond),
  ].join('  ');
}

function farOf(row: TransferSnapshot): {done: number; total: number} {
  const {state, size} = row;
  switch (state.name) {
    case 'checking':
      return {done: state.checkedBytes, total: state.totalBytes};
    case 'copying':
      return {done: state.copiedBytes, total: state.totalBytes};
    default:
      return {done: arrivedBytes(row), total: size ?? 0};
  }
}

/** In seconds; a longer estimate is of no use. */
const longestEstimateS = 7 * 24 * 3600;

function timeLeft(bytes: number, bytesPerSecond: number): string[] {
  const seconds = Math.ceil(bytes / bytesPerSecond);
  return bytes > 0 && seconds <= longestEstimateS ? [`${formatDuration(seconds * 1000)} left`] : [];
}
