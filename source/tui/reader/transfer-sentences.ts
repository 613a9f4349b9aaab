/** Sentences about the queue: the row under the cursor, and changed transfers. */
import {type DisplayText, displayName} from '../../../protocol/display-text.ts';
import {baseName} from '../../../protocol/remote-path.ts';
import {bytesHere, type QueueTotals, type TransferSnapshot} from '../../transfers/queue/queue.ts';
import {isRunning, waitsForRoom} from '../../transfers/terms/transfer-state.ts';
import type {AppView} from '../model/app.ts';
import type {CopyNow} from '../model/here/copy-now.ts';
import type {TransfersView} from '../model/transfers/transfer-list.ts';
import {
  formatBytes,
  formatCount,
  formatPart,
  formatPercent,
  formatSpeed,
  formatTimeLeft,
  percentOf,
  plural,
  secondsLeft,
} from '../text/format.ts';
import {joinTexts, say, sentence} from '../text/say.ts';
import {spokenKeyOf} from './spoken-keys.ts';

/** `2 failed, 3 done, 3 running, 4 waiting, 41 %, 55 s left.` */
export function queueSentence({queue}: Pick<TransfersView, 'queue'>): DisplayText {
  const {bytes, active, queued} = queue;
  const counts = countsOf(queue);
  if (counts.length === 0) {
    return say`Nothing is queued. Mark files with ${spokenKeyOf('mark')} and press ${spokenKeyOf('download')}, or press ${spokenKeyOf('download')} on one.`;
  }

  const isSized = bytes.unsized === 0;
  const seconds = active > 0 && isSized ? secondsLeft(bytes.left, queue.bytesPerSecond) : undefined;
  const words = [
    ...counts,
    ...(active + queued > 0 && isSized ? [formatPercent(bytes.here, bytes.wanted)] : []),
    ...(seconds === undefined ? [] : [say`${formatTimeLeft(seconds)} left`]),
  ];
  return say`${joinTexts(words, say`, `)}.`;
}

function countsOf(queue: QueueTotals): DisplayText[] {
  const counts = [
    [queue.failed, say`failed`],
    [queue.paused, say`paused`],
    [queue.waiting, say`without room`],
    [queue.done, say`done`],
    [queue.active, say`running`],
    [queue.queued, say`waiting`],
    [queue.canceled, say`canceled`],
  ] as const;
  return counts.flatMap(([count, word]) => (count > 0 ? [say`${formatCount(count)} ${word}`] : []));
}

type Told = Pick<AppView, 'transfers' | 'copies'>;

/** The row under the cursor: `big-1.bin, downloading, 57 %, 23.1 of 40 MB, 1.01 MB/s, 17 s left. 1 of 10.` */
export function transferSentence({transfers, copies}: Told): DisplayText | undefined {
  const {rows, cursor, more, position, queue} = transfers;
  const row = rows[cursor];
  if (row === undefined) {
    return undefined;
  }

  const copy = copies[cursor];
  const others = more.get(row.id) ?? 0;
  const words = [
    nameOf(row),
    stateWords(row),
    ...progressWords(row),
    ...(copy === undefined ? [] : [copyWords[copy]]),
    ...(row.priority === 'normal' ? [] : [say`priority ${displayName(row.priority)}`]),
    ...(others > 0 ? [say`and ${formatCount(others)} more like it`] : []),
  ];
  return say`${joinTexts(words, say`, `)}. ${formatCount(position)} of ${formatCount(queue.total)}.`;
}

const copyWords: Readonly<Record<CopyNow, DisplayText>> = {
  changed: say`changed here since it was fetched`,
  get differs() {
    return say`differs now, ${spokenKeyOf('repair')} in the verifier repairs it`;
  },
  gone: say`gone from here since it was fetched`,
};

function progressWords(row: TransferSnapshot): DisplayText[] {
  const {state, size, bytesPerSecond} = row;
  if (size === undefined) {
    return [];
  }

  if (state.name !== 'downloading' && state.name !== 'paused') {
    return [formatBytes(size)];
  }

  const here = bytesHere(row);
  const part = [formatPercent(here, size), formatPart(here, size)];
  const seconds = secondsLeft(size - here, bytesPerSecond);
  return state.name === 'paused'
    ? part
    : [
        ...part,
        formatSpeed(bytesPerSecond),
        ...(seconds === undefined ? [] : [say`${formatTimeLeft(seconds)} left`]),
      ];
}

/** The state of a transfer in words. */
function stateWords({state}: TransferSnapshot): DisplayText {
  switch (state.name) {
    case 'queued':
      return say`waiting`;
    case 'checking':
      return say`checking the blocks here`;
    case 'copying':
      return say`copying blocks`;
    case 'done':
      return state.outcome === 'skipped'
        ? say`skipped, the local file was not changed`
        : say`verified`;
    case 'paused':
      return state.noRoom === undefined
        ? say`paused`
        : say`waits for room: ${displayName(state.noRoom)}`;
    case 'failed':
      return say`failed: ${displayName(state.reason)}`;
    default:
      return displayName(state.name);
  }
}

/** Most transfers that are named one by one; for more at once only numbers are told. */
const mostNamed = 3;

export type TransferNews = {
  readonly sentences: DisplayText[];
  /** Whether these are numbers of many transfers: then the next news waits for longer. */
  readonly isMany: boolean;
};

/** The changes in the queue since `before`. */
export function transferNews(before: TransfersView, now: TransfersView): TransferNews {
  const changed = changedRows(before, now);
  const unnamed = ends.flatMap(kind => {
    const count = now.queue[kind] - before.queue[kind];
    return count > changed.filter(row => kindOf(row) === kind).length ? [{kind, count}] : [];
  });
  const last = endSentence(before.queue, now.queue);
  if (unnamed.length === 0 && changed.length <= mostNamed) {
    return {sentences: [...changed.map(newsOf), ...last], isMany: false};
  }

  const failed = changed.filter(({state}) => state.name === 'failed').slice(0, mostNamed);
  const numbers = ends.flatMap(kind => {
    const count = now.queue[kind] - before.queue[kind];
    return count > 0 ? [say`${plural(count, 'file')} ${kindWords[kind]}.`] : [];
  });
  return {
    sentences: [
      ...failed.map(newsOf),
      ...numbers,
      ...(last.length === 0 ? [queueSentence(now)] : last),
    ],
    isMany: true,
  };
}

/** Rows of the window that need a new sentence. */
function changedRows(before: TransfersView, now: TransfersView): TransferSnapshot[] {
  const known = new Map(before.rows.map(row => [row.id, row]));
  const unknown = now.rows.filter(row => !known.has(row.id));
  // A row that was not in the window has a new state only if the number of transfers in that state has grown.
  const isNew = (row: TransferSnapshot): boolean => {
    const kind = kindOf(row);
    const came = kind === undefined ? 0 : now.queue[kind] - before.queue[kind];
    return unknown.filter(one => kindOf(one) === kind).length <= came;
  };
  return now.rows.filter(row => {
    const old = known.get(row.id);
    return old === undefined ? isNew(row) && !isPassing(row) : isChanged(old, row);
  });
}

/** States in which a transfer does not continue by itself, named as in the totals. */
const ends = ['done', 'failed', 'paused', 'waiting', 'canceled'] as const;

const kindWords = {
  done: say`done`,
  failed: say`failed`,
  paused: say`paused`,
  waiting: say`wait for room`,
  canceled: say`canceled`,
} as const;

function kindOf(row: TransferSnapshot): (typeof ends)[number] | 'active' | undefined {
  const {state} = row;
  if (isRunning(state)) {
    return 'active';
  }

  return waitsForRoom(state) ? 'waiting' : ends.find(end => end === state.name);
}

function newsOf(row: TransferSnapshot): DisplayText {
  const words =
    row.state.name === 'downloading' && row.size !== undefined && quarterOf(row) > 0
      ? formatPercent(bytesHere(row), row.size)
      : stateWords(row);
  return sentence(say`${nameOf(row)}: ${words}`);
}

/** Whether a transfer has reached another state, or another quarter of the file. */
function isChanged(before: TransferSnapshot, now: TransferSnapshot): boolean {
  return before.state.name === now.state.name
    ? now.state.name === 'downloading' && quarterOf(now) > quarterOf(before)
    : !isPassing(now);
}

/** States that soon lead to the next one. */
function isPassing({state}: TransferSnapshot): boolean {
  return state.name === 'connecting' || state.name === 'finishing';
}

/** Whole quarters of the file that are here. */
function quarterOf(row: TransferSnapshot): number {
  return row.size === undefined ? 0 : Math.floor(percentOf(bytesHere(row), row.size) / 25);
}

/** The sentence that tells that no transfer runs any more. */
function endSentence(before: QueueTotals, now: QueueTotals): DisplayText[] {
  // All transfers may have come and gone between the two views.
  const wasBusy = before.active + before.queued > 0 || ends.some(end => now[end] > before[end]);
  return wasBusy && now.active + now.queued === 0
    ? [say`Nothing runs any more: ${joinTexts(countsOf(now), say`, `)}.`]
    : [];
}

function nameOf({remotePath}: TransferSnapshot): DisplayText {
  return displayName(baseName(remotePath));
}
