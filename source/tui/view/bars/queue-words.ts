/** The words for all transfers together: how many are done, their progress, and the time left. */
import type {DisplayText} from '../../../../protocol/display-text.ts';
import type {QueueTotals} from '../../../transfers/queue/queue.ts';
import type {Counted} from '../../model/download/downloads.ts';
import type {Glyphs} from '../../terminal/glyphs.ts';
import {
  formatBytes,
  formatCount,
  formatPercent,
  formatTimeLeft,
  secondsLeft,
} from '../../text/format.ts';
import {joinTexts, say} from '../../text/say.ts';

/** Words for the work, the shortest first; each contains the one before it, and more. */
export function workWords(
  {dot}: Glyphs,
  queue: QueueTotals,
  counting: Counted | undefined,
): DisplayText[] {
  const join = (...texts: DisplayText[]) => joinTexts(texts, say` ${dot} `);
  if (counting !== undefined) {
    const files = say`counting: ${formatCount(counting.files)}`;
    return [say`counting`, files, join(files, formatBytes(counting.bytes))];
  }

  const wanted = queue.total - queue.canceled;
  const {bytes, active, queued} = queue;
  const files = say`${formatCount(queue.done)} of ${formatCount(wanted)}`;
  const percent = bytes.unsized > 0 ? undefined : formatPercent(bytes.here, bytes.wanted);
  const part = percent === undefined ? files : join(files, percent);
  if (active + queued > 0) {
    const seconds =
      active > 0 && bytes.unsized === 0 ? secondsLeft(bytes.left, queue.bytesPerSecond) : undefined;
    return [
      percent ?? files,
      part,
      ...(seconds === undefined ? [] : [join(part, say`${formatTimeLeft(seconds)} left`)]),
    ];
  }

  // Nothing runs: transfers that are not done failed, are paused or wait for room.
  return wanted === queue.done
    ? [say`idle`]
    : [say`idle`, join(files, say`idle`), join(part, say`idle`)];
}

/** The number of transfers in each state, the most important first, with whether it is bad news. */
export function stateWords(queue: QueueTotals): ReadonlyArray<{
  readonly text: DisplayText;
  readonly tone: 'bad' | 'warning' | 'good' | 'plain';
}> {
  const words = [
    {count: queue.failed, word: say`failed`, tone: 'bad'},
    {count: queue.paused, word: say`paused`, tone: 'warning'},
    {count: queue.waiting, word: say`without room`, tone: 'warning'},
    {count: queue.done, word: say`done`, tone: 'good'},
    {count: queue.active, word: say`run`, tone: 'plain'},
    {count: queue.queued, word: say`wait`, tone: 'plain'},
  ] as const;
  return words
    .filter(({count}) => count > 0)
    .map(({count, word, tone}) => ({text: say`${formatCount(count)} ${word}`, tone}));
}
