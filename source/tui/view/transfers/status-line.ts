/**
 * The progress of one transfer, in the room after its name. Bars, percentages, bytes, speeds and times are in the same
 * columns in all rows of one width.
 */
import {type DisplayText, displayName} from '../../../../protocol/display-text.ts';
import {bytesHere, type TransferSnapshot} from '../../../transfers/queue/queue.ts';
import type {Outcome} from '../../../transfers/terms/download-event.ts';
import {keyOf} from '../../keys/keymap.ts';
import type {Glyphs} from '../../terminal/glyphs.ts';
import type {Tone} from '../../terminal/theme.ts';
import {
  formatBytes,
  formatCount,
  formatOf,
  formatPercent,
  formatSpeed,
  formatTimeLeft,
  secondsLeft,
} from '../../text/format.ts';
import {say} from '../../text/say.ts';
import {padStart, spaces, widthOf} from '../../text/width.ts';
import {bar} from '../line/bar.ts';
import {type Line, lineWidth, type Span, span, spread} from '../line/span.ts';

type StatusLineOptions = {
  /** Columns of this row, and of a row without a priority. */
  readonly room: number;
  readonly most: number;
  /** Number of other transfers of its kind that this row stands for. */
  readonly more: number;
};

export function statusLine(
  glyphs: Glyphs,
  row: TransferSnapshot,
  {room, most, more}: StatusLineOptions,
): Line {
  const options = {room, cells: cellsIn(most), more};
  const {state, size} = row;
  // The size is at the end of the line, if it is known and fits.
  const line = (text: DisplayText, tone: Tone, aside: Line = []): Line =>
    spread(
      [span(text, tone), ...aside],
      size === undefined ? [] : [span(formatBytes(size), 'faint')],
      room,
      glyphs,
    );
  const others = more > 0 ? say`, and ${formatCount(more)} more` : say``;
  switch (state.name) {
    case 'queued':
      return line(more > 0 ? say`waiting, then ${formatCount(more)} more` : say`waiting`, 'faint');
    case 'connecting':
      return line(say`connecting${glyphs.ellipsis}`, 'accent');
    case 'checking':
      return localWork(glyphs, row, options, {
        word: say`checking`,
        done: state.checkedBytes,
        total: state.totalBytes,
      });
    case 'copying':
      return localWork(glyphs, row, options, {
        word: say`copying`,
        done: state.copiedBytes,
        total: state.totalBytes,
      });
    case 'downloading':
      return size === undefined
        ? line(say`${formatBytes(bytesHere(row))} so far`, 'accent')
        : downloading(glyphs, row, size, options);
    case 'finishing':
      return line(say`finishing${glyphs.ellipsis}`, 'accent');
    case 'done':
      // Notes are about this file alone.
      return more > 0
        ? line(say`${doneWord(state.outcome)}${others} done`, 'good')
        : line(doneWord(state.outcome), 'good', doneNotes(state.outcome, row));
    case 'paused':
      return state.noRoom === undefined
        ? paused(glyphs, row, options, others)
        : [span(say`waits for room${others}: ${displayName(state.noRoom)}`, 'warning')];
    case 'failed':
      return [span(say`failed${others}: ${displayName(state.reason)}`, 'bad')];
    case 'canceled':
      return line(say`canceled${others}`, 'faint');
  }
}

/** Least and most columns of a bar: a percentage far from its name is hard to find. */
const leastBar = 8;
const mostBar = 120;

/** Widths of the columns after the bar, including the gap before each. */
const widths = {percent: 6, bytes: 18, speed: 12, time: 8};

/** The columns of rows with `room` after their names, in order of importance. */
type Cells = {readonly time: boolean; readonly speed: boolean; readonly bytes: boolean};

function cellsIn(room: number): Cells {
  let left = room - leastBar - widths.percent;
  const fits = (width: number): boolean => {
    left -= width;
    return left >= 0;
  };
  const time = fits(widths.time);
  const speed = time && fits(widths.speed);
  return {time, speed, bytes: speed && fits(widths.bytes)};
}

type StatusOptions = {readonly room: number; readonly cells: Cells; readonly more: number};

function downloading(
  glyphs: Glyphs,
  row: TransferSnapshot,
  size: number,
  {room, cells}: StatusOptions,
): Line {
  const {bytesPerSecond, verifiedBytes, begunAnew} = row;
  const here = bytesHere(row);
  const seconds = secondsLeft(size - here, bytesPerSecond);
  const tail: Line = [
    percentCell(here, size),
    ...(cells.bytes ? [cell(formatOf(here, size), widths.bytes)] : []),
    ...(cells.speed ? [cell(formatSpeed(bytesPerSecond), widths.speed, 'accent')] : []),
    ...(cells.time
      ? [cell(seconds === undefined ? say`` : formatTimeLeft(seconds), widths.time, 'faint')]
      : []),
  ];
  const left = room - lineWidth(tail);
  const changed = say`  changed there`;
  const note = begunAnew && left >= leastBar + widthOf(changed) ? changed : say``;
  const columns = Math.min(left - widthOf(note), mostBar);
  const verified = Math.floor((columns * verifiedBytes) / Math.max(1, size));
  return atEnd(
    [...twoTone(bar(glyphs, here, size, columns), verified), span(note, 'warning')],
    tail,
    room,
  );
}

/** `line`, a bar, whose first columns have the tone of verified bytes; the others are plain. */
function twoTone([filled, ...rest]: Line, verified: number): Line {
  if (filled === undefined) {
    return rest;
  }

  const signs = [...filled.text];
  const upTo = (from: number, to?: number) => signs.slice(from, to).join('') as DisplayText; // Signs of our own.
  return [span(upTo(0, verified), filled.tone), span(upTo(verified)), ...rest];
}

type LocalWork = {word: DisplayText; done: number; total: number};

function localWork(
  glyphs: Glyphs,
  {bytesPerSecond}: TransferSnapshot,
  {room, cells}: StatusOptions,
  {word, done, total}: LocalWork,
): Line {
  const seconds = secondsLeft(total - done, bytesPerSecond);
  const speed = bytesPerSecond > 0 ? formatSpeed(bytesPerSecond) : say``;
  const tail: Line = [
    percentCell(done, total),
    ...(cells.bytes ? [cell(say`${word} ${formatBytes(total)}`, widths.bytes)] : []),
    ...(cells.speed ? [cell(cells.bytes ? speed : word, widths.speed, 'accent')] : []),
    ...(cells.time
      ? [cell(seconds === undefined ? say`` : formatTimeLeft(seconds), widths.time, 'faint')]
      : []),
  ];
  return atEnd(bar(glyphs, done, total, Math.min(room - lineWidth(tail), mostBar)), tail, room);
}

function paused(
  glyphs: Glyphs,
  row: TransferSnapshot,
  {room, cells, more}: StatusOptions,
  others: DisplayText,
): Line {
  const {size} = row;
  const here = bytesHere(row);
  if (size === undefined || more > 0) {
    return [
      span(say`paused${others}`, 'warning'),
      span(say` ${glyphs.dot} ${keyOf('pause')} goes on`, 'faint'),
    ];
  }

  const width = (cells.speed ? widths.speed : 0) + (cells.time ? widths.time : 0);
  const long = say`paused ${glyphs.horizontal} ${keyOf('pause')} goes on`;
  const words = widthOf(long) + 2 <= width ? long : say`paused`;
  const tail: Line = [
    percentCell(here, size),
    ...(cells.bytes ? [cell(formatOf(here, size), widths.bytes)] : []),
    ...(width > 0 ? [cell(words, width, 'warning')] : []),
  ];
  const drawn = bar(glyphs, here, size, Math.min(room - lineWidth(tail), mostBar));
  return atEnd(
    drawn.map(({text}) => span(text, 'faint')),
    tail,
    room,
  );
}

function percentCell(done: number, total: number): Span {
  return span(padStart(formatPercent(done, total), widths.percent), 'strong');
}

/** `text` at the right end of its column; empty if it is too long. */
function cell(text: DisplayText, width: number, tone: Tone = 'plain'): Span {
  return span(widthOf(text) < width ? padStart(text, width) : spaces(width), tone);
}

/** `line` at the left, and `tail` at the right end of the room. */
function atEnd(line: Line, tail: Line, room: number): Line {
  return [...line, span(spaces(room - lineWidth(line) - lineWidth(tail))), ...tail];
}

/** Only a fetched file is called verified: a skipped file is done, too. */
function doneWord(outcome: Outcome): DisplayText {
  return outcome === 'skipped' ? say`skipped` : say`verified`;
}

function doneNotes(outcome: Outcome, {reusedBytes, begunAnew}: TransferSnapshot): Line {
  if (outcome === 'skipped') {
    return [span(say`, the local file was not changed`, 'faint')];
  }

  return [
    ...(reusedBytes > 0 ? [span(say`, ${formatBytes(reusedBytes)} were here`, 'faint')] : []),
    ...(begunAnew ? [span(say`, changed there meanwhile`, 'faint')] : []),
  ];
}
