/** One transfer on one line: sign, name, and as much of its progress as there is room for. */
import {type DisplayText, displayName} from '../../../protocol/display-text.ts';
import {baseName} from '../../../protocol/remote-path.ts';
import type {TransferSnapshot} from '../../transfers/queue/queue.ts';
import {arrivedBytes, type Outcome} from '../../transfers/terms/download-event.ts';
import type {CopyNow} from '../model/here/copy-now.ts';
import type {Glyphs} from '../terminal/glyphs.ts';
import type {Tone} from '../terminal/theme.ts';
import {
  formatBytes,
  formatDuration,
  formatPart,
  formatPercent,
  formatSpeed,
} from '../text/format.ts';
import {say} from '../text/say.ts';
import {cutMiddle, padEnd, padStart} from '../text/width.ts';
import {copyWords} from './here/copy-words.ts';
import {bar} from './line/bar.ts';
import {type Line, lineWidth, type Span, span} from './line/span.ts';
import type {Look} from './look.ts';

/** Columns of a bar. */
const leastBar = 8;
const mostBar = 40;

/**
 * The row of one transfer, in exactly `columns`: its name, and how far it is. `copy`: what has become of its file
 * since.
 */
export function transferLine(
  {glyphs}: Look,
  row: TransferSnapshot,
  columns: number,
  cursor: boolean,
  copy?: CopyNow,
): Line {
  const nameWidth = Math.max(10, Math.min(40, Math.floor(columns * 0.28)));
  const name = padEnd(
    cutMiddle(displayName(baseName(row.remotePath)), nameWidth, glyphs),
    nameWidth,
  );
  const priority = priorityOf(glyphs, row);
  const now = copy && copyWords(glyphs, copy);
  const used = nameWidth + 5 + lineWidth(priority);
  return [
    span(cursor ? glyphs.cursor : say` `, 'accent'),
    now?.sign ?? transferSign(glyphs, row),
    span(say` `),
    span(name),
    span(say`  `),
    ...priority,
    ...(now?.words ?? statusOf(glyphs, row, columns - used)),
  ];
}

/** The priority, unless it is the normal one, or the transfer is over. */
function priorityOf({priorities}: Glyphs, {priority, state}: TransferSnapshot): Line {
  return priority === 'normal' || state.name === 'done' || state.name === 'canceled'
    ? []
    : [
        span(
          say`${priorities[priority]} ${padEnd(displayName(priority), 4)}  `,
          priority === 'high' ? 'accent' : 'faint',
        ),
      ];
}

/** The sign of a transfer's state. */
export function transferSign({states}: Glyphs, {state}: TransferSnapshot): Span {
  switch (state.name) {
    case 'queued':
      return span(states.waiting, 'faint');
    case 'connecting':
    case 'checking':
    case 'copying':
    case 'finishing':
      return span(states.working, 'accent');
    case 'downloading':
      return span(states.down, 'accent');
    case 'done':
      return span(states.done, 'good');
    case 'paused':
      return span(states.paused, 'warning');
    case 'failed':
      return span(states.failed, 'bad');
    case 'canceled':
      return span(states.canceled, 'faint');
  }
}

function statusOf(glyphs: Glyphs, row: TransferSnapshot, room: number): Line {
  const {state, size} = row;
  switch (state.name) {
    case 'queued':
      return words(size === undefined ? say`queued` : say`queued    ${formatBytes(size)}`, 'faint');
    case 'connecting':
      return words(say`connecting${glyphs.ellipsis}`, 'accent');
    case 'checking':
      return localWork(row, room, {
        word: say`checking`,
        done: state.checkedBytes,
        total: state.totalBytes,
        what: say`that are here`,
      });
    case 'copying':
      return localWork(row, room, {
        word: say`copying `,
        done: state.copiedBytes,
        total: state.totalBytes,
        what: say`of the seed`,
      });
    case 'downloading':
      return progressOf(glyphs, row, room);
    case 'finishing':
      return words(say`finishing${glyphs.ellipsis}`, 'accent');
    case 'done':
      return doneLine(state.outcome, row);
    case 'paused':
      return state.noRoom === undefined
        ? [span(say`paused    `, 'warning'), ...partOf(row)]
        : words(say`waits for room: ${displayName(state.noRoom)}`, 'warning');
    case 'failed':
      return words(say`failed: ${displayName(state.reason)}`, 'bad');
    case 'canceled':
      return words(say`canceled`, 'faint');
  }
}

type LocalWork = {word: DisplayText; done: number; total: number; what: DisplayText};

/** Percent always; then, as far as there is room, speed, time left, and how much it is. */
function localWork(
  {bytesPerSecond}: TransferSnapshot,
  room: number,
  {word, done, total, what}: LocalWork,
): Line {
  const seconds = Math.ceil((total - done) / bytesPerSecond);
  const parts: Span[] = [
    ...(bytesPerSecond > 0 ? [span(say`  ${formatSpeed(bytesPerSecond)}`, 'accent')] : []),
    ...(seconds > 0 && seconds <= longestEstimateS
      ? [span(say`  ${formatDuration(seconds * 1000)} left`, 'faint')]
      : []),
    span(say`  ${formatBytes(total)} ${what}`, 'faint'),
  ];
  const line: Span[] = [span(say`${word}  ${padStart(formatPercent(done, total), 5)}`, 'accent')];
  for (const part of parts) {
    if (lineWidth([...line, part]) > room) {
      break;
    }

    line.push(part);
  }

  return line;
}

const words = (text: Span['text'], tone: Tone): Line => [span(text, tone)];

/** Only a file that was fetched is called verified: one that was skipped is done, too. */
function doneLine(outcome: Outcome, {size = 0, reusedBytes, begunAnew}: TransferSnapshot): Line {
  if (outcome === 'skipped') {
    return [span(say`skipped   `, 'good'), span(say`the one here was left as it is`, 'faint')];
  }

  const reused = reusedBytes > 0 ? say`, ${formatBytes(reusedBytes)} were here` : say``;
  return [
    span(say`verified  `, 'good'),
    span(say`${formatBytes(size)}${reused}`, 'faint'),
    ...(begunAnew ? [span(say`, changed there meanwhile`, 'faint')] : []),
  ];
}

/** Seconds; a longer estimate says nothing. */
const longestEstimateS = 7 * 24 * 3600;

/** Percent always; then, as far as there is room, bytes, speed with time left, and a bar. */
function progressOf(glyphs: Glyphs, row: TransferSnapshot, room: number): Line {
  const {size = 0, bytesPerSecond} = row;
  const here = arrivedBytes(row);
  const seconds = Math.ceil((size - here) / bytesPerSecond);
  const left = seconds <= longestEstimateS ? formatDuration(seconds * 1000) : glyphs.ellipsis;
  const percent: Line = [span(padStart(formatPercent(here, size), 6), 'strong')];
  const bytes: Line = [span(say`  ${padEnd(formatPart(here, size), 17)}`)];
  const time: Line = [
    span(padStart(formatSpeed(bytesPerSecond), 11), 'accent'),
    span(say`  ${padEnd(say`${left} left`, 12)}`, 'faint'),
  ];
  const changed: Line = row.begunAnew ? [span(say`  changed there`, 'warning')] : [];
  const tail: Span[] = [...percent];
  for (const part of [bytes, time, changed]) {
    if (lineWidth(tail) + lineWidth(part) + leastBar <= room) {
      tail.push(...part);
    }
  }

  const barWidth = Math.min(room - lineWidth(tail), mostBar);
  return [...bar(glyphs, here, size, barWidth), ...tail];
}

function partOf({size, verifiedBytes}: TransferSnapshot): Line {
  return size === undefined
    ? []
    : [
        span(say`${padStart(formatPercent(verifiedBytes, size), 5)}`),
        span(say`  ${formatPart(verifiedBytes, size)}`, 'faint'),
      ];
}
