/** The facts about one transfer, as lines: first its state, and what the user can do. */
import {dirname} from 'node:path';
import {type DisplayText, displayName} from '../../../../protocol/display-text.ts';
import {bytesHere, type TransferSnapshot} from '../../../transfers/queue/queue.ts';
import {isRunning} from '../../../transfers/terms/transfer-state.ts';
import type {OpenedTransfer} from '../../model/transfers/opened-transfer.ts';
import {
  formatBytes,
  formatCount,
  formatPercent,
  formatSpeed,
  formatTimeLeft,
  secondsLeft,
} from '../../text/format.ts';
import {shortFolder} from '../../text/home.ts';
import {joinTexts, say} from '../../text/say.ts';
import {formatWhen} from '../../text/when.ts';
import {cutStart, padEnd, spaces, wrapWords} from '../../text/width.ts';
import {bar} from '../line/bar.ts';
import {type Line, lineWidth, type Span, span} from '../line/span.ts';
import type {Look} from '../look.ts';
import {transferSign} from './transfer-line.ts';
import {copySentence, transferSentence} from './transfer-sentences.ts';

type Shown = {
  readonly view: OpenedTransfer;
  readonly server: DisplayText;
  readonly isConnected: boolean;
};

const labelColumns = 10;
const mostBar = 40;
const leastBar = 8;

/** Lines of at most `columns`. */
export function detailRows(
  look: Look,
  {view, server, isConnected}: Shown,
  columns: number,
): Line[] {
  const {glyphs} = look;
  const {transfer, addedMs} = view;
  const room = Math.max(8, columns - labelColumns);
  const fact = (label: DisplayText, value: Line): Line => [
    span(padEnd(label, labelColumns), 'faint'),
    ...value,
  ];
  // The end of a path is most useful.
  const path = (label: DisplayText, text: DisplayText): Line =>
    fact(label, [span(cutStart(text, room, glyphs))]);
  const words = (label: DisplayText, text: DisplayText, tone: Span['tone'] = 'plain'): Line[] =>
    wrapWords(text, room, glyphs).map((line, index) =>
      fact(index === 0 ? label : say``, [span(line, tone)]),
    );
  const {size, remotePath, target, priority, version, reusedBytes} = transfer;
  const there = say`${server.split('/')[0] as DisplayText}/${displayName(remotePath)}`; // A part of a checked text.
  return [
    ...stateLines(look, view, isConnected, columns),
    [],
    path(say`from`, there),
    path(say`saved as`, shortFolder(target)),
    ...words(say`size`, sizeWords(size)),
    ...progressLines(look, transfer, room).map(({label, line}) => fact(label, line)),
    ...(reusedBytes > 0
      ? words(say`kept`, say`${formatBytes(reusedBytes)} were here and are good`)
      : []),
    ...(isRunning(transfer.state) ? words(say`rate`, rateWords(transfer)) : []),
    ...(priority === 'normal' ? [] : words(say`priority`, displayName(priority))),
    ...(addedMs === undefined ? [] : words(say`queued`, formatWhen(addedMs, Date.now()))),
    ...(version === undefined ? [] : [path(say`version`, displayName(version))]),
    ...words(say`here now`, copySentence(view, shortFolder(dirname(target)))),
  ];
}

function stateLines(
  look: Look,
  view: OpenedTransfer,
  isConnected: boolean,
  columns: number,
): Line[] {
  const sign = transferSign(look.glyphs, view.transfer);
  const text = transferSentence(view, isConnected);
  return wrapWords(text, columns - 2, look.glyphs).map((line, index) => [
    index === 0 ? sign : span(say` `),
    span(say` ${line}`, sign.tone === 'faint' ? 'plain' : sign.tone),
  ]);
}

function sizeWords(size: number | undefined): DisplayText {
  const short = size === undefined ? say`not known yet` : formatBytes(size);
  // Small sizes are exact already.
  return size === undefined || size < 1000 ? short : say`${short} (${formatCount(size)} B)`;
}

/** Bytes received and bytes verified, each with its part of the whole; empty for a transfer that is over. */
function progressLines({glyphs}: Look, transfer: TransferSnapshot, room: number) {
  const {size, state, verifiedBytes} = transfer;
  if (size === undefined || state.name === 'done') {
    return [];
  }

  return [
    {label: say`received`, bytes: bytesHere(transfer)},
    {label: say`verified`, bytes: verifiedBytes},
  ].map(({label, bytes}) => {
    const figures: Line = [
      span(padEnd(formatBytes(bytes), 9)),
      span(padEnd(formatPercent(bytes, size), 7), 'strong'),
    ];
    const columns = Math.min(mostBar, room - lineWidth(figures));
    return {
      label,
      line: columns < leastBar ? figures : [...figures, ...bar(glyphs, bytes, size, columns)],
    };
  });
}

function rateWords(transfer: TransferSnapshot): DisplayText {
  const {bytesPerSecond, size, state} = transfer;
  const left =
    size === undefined || state.name !== 'downloading'
      ? undefined
      : secondsLeft(size - bytesHere(transfer), bytesPerSecond);
  return joinTexts(
    [
      formatSpeed(bytesPerSecond),
      ...(left === undefined ? [] : [say`${formatTimeLeft(left)} left`]),
    ],
    say`,${spaces(1)}`,
  );
}
