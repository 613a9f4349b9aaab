/** The transfers pane: the queue. */
import {Box} from 'ink';
import {memo, type ReactNode, useContext} from 'react';
import {type DisplayText, displayName} from '../../../../protocol/display-text.ts';
import {baseName} from '../../../../protocol/remote-path.ts';
import {bytesHere, type TransferSnapshot} from '../../../transfers/queue/queue.ts';
import {isRunning} from '../../../transfers/terms/transfer-state.ts';
import {keyOf} from '../../keys/keymap.ts';
import type {CopyNow} from '../../model/here/copy-now.ts';
import type {Size} from '../../model/layout.ts';
import type {TransfersView} from '../../model/transfers/transfer-list.ts';
import {formatCount, formatPercent} from '../../text/format.ts';
import {say} from '../../text/say.ts';
import {cutStart, wrapWords} from '../../text/width.ts';
import {stateWords} from '../bars/queue-words.ts';
import {rateLimit} from '../bars/rate-limit.ts';
import {fitRow, LineView, type Row, Rows} from '../line/line-view.tsx';
import {type Line, lineWidth, span} from '../line/span.ts';
import {type Look, LookContext} from '../look.ts';
import {paneTitle} from '../walls/pane-title.ts';
import type {Heading} from '../walls/wall.ts';
import {transferLine} from './transfer-line.ts';

type TransfersPaneProps = {
  readonly view: TransfersView;
  /** What has happened to the file of each row since its transfer; undefined if nothing. */
  readonly copies: ReadonlyArray<CopyNow | undefined>;
  readonly area: Size;
  readonly active: boolean;
};

export const TransfersPane = memo(function TransfersPane(props: TransfersPaneProps): ReactNode {
  const {view, area, active} = props;
  const look = useContext(LookContext);
  const {columns, rows} = area;
  return (
    <Box flexDirection="column" width={columns} height={rows} flexShrink={0} overflowY="hidden">
      {view.rows.map((row, index) => (
        <TransferView
          // biome-ignore lint/suspicious/noArrayIndexKey: a row is a place on the screen: its transfer changes
          key={index}
          row={row}
          copy={props.copies[index]}
          columns={columns}
          cursor={active && index === view.cursor}
          more={view.more.get(row.id) ?? 0}
          turn={isRunning(row.state) ? view.turn : undefined}
        />
      ))}
      {view.rows.length === 0 ? <Rows rows={emptyRows(look, columns)} columns={columns} /> : null}
    </Box>
  );
}, sameProps);

/** `copies` is a new list each time, usually with equal items. */
function sameProps(before: TransfersPaneProps, after: TransfersPaneProps): boolean {
  return (
    before.view === after.view &&
    before.active === after.active &&
    before.area === after.area &&
    before.copies.length === after.copies.length &&
    before.copies.every((copy, index) => copy === after.copies[index])
  );
}

type TransferViewProps = {
  readonly row: TransferSnapshot;
  readonly copy: CopyNow | undefined;
  readonly columns: number;
  /** Whether the cursor is on this row, and the pane has the focus. */
  readonly cursor: boolean;
  /** Number of other transfers of its kind that it stands for. */
  readonly more: number;
  /** Animates its sign while it runs. */
  readonly turn: number | undefined;
};

/** One row. It is drawn again only if its transfer has changed. */
const TransferView = memo(function TransferView(props: TransferViewProps): ReactNode {
  const {columns, ...options} = props;
  const look = useContext(LookContext);
  const {row, cursor} = props;
  const line = transferLine(look, row, columns, options);
  return <LineView line={fitRow(line, cursor, columns, look.glyphs)} cursor={cursor} />;
});

/** Title and folder; beside them the numbers, or for a folded pane the running transfer. */
export function transfersHeading(
  look: Look,
  view: TransfersView,
  {folder, area, columns, active}: HeadingOptions,
): Heading {
  const {glyphs} = look;
  const numbers = [...asideLine(look, view, columns), ...placeOf(look, view)];
  const underWay = area.rows === 0 ? underWayLine(view) : [];
  const aside = underWay.length === 0 ? numbers : underWay;
  const title = [paneTitle('transfers', active)];
  const room = area.columns - lineWidth(title) - lineWidth(aside) - 12;
  return {
    title:
      room < 8
        ? title
        : [...title, span(say` ${glyphs.to} ${cutStart(folder, room, glyphs)}`, 'faint')],
    aside,
  };
}

type HeadingOptions = {
  readonly folder: DisplayText;
  readonly area: Size;
  /** Columns of the screen. */
  readonly columns: number;
  readonly active: boolean;
};

/** `─ 2 of 9`, if the queue is longer than the window and not folded. */
function placeOf({glyphs}: Look, {position, queue, rows, more}: TransfersView): Line {
  return queue.total <= rows.length || more.size > 0
    ? []
    : [
        span(say` ${glyphs.horizontal} `, 'frame'),
        span(say`${formatCount(position)} of ${formatCount(queue.total)}`, 'faint'),
      ];
}

/** `big.bin 57 %`: the first transfer with some progress. */
function underWayLine({rows}: TransfersView): Line {
  const row = rows.find(({state}) => state.name === 'downloading');
  return row?.size === undefined
    ? []
    : [
        span(say`${displayName(baseName(row.remotePath))} `),
        span(formatPercent(bytesHere(row), row.size), 'accent'),
      ];
}

function emptyRows({glyphs}: Look, columns: number): Row[] {
  const sentence = say`Nothing is queued. Mark files with ${keyOf('mark')} and press ${keyOf('download')}, or press ${keyOf('download')} on one.`;
  return wrapWords(sentence, columns - 4, glyphs).map(text => ({
    line: [span(say`  `), span(text, 'faint')],
  }));
}

/** Columns of the wall for corners, the title and spaces. */
const titleColumns = 22;

/** The speed limit, if the header does not show it, and the numbers of transfers by state. */
export function asideLine({glyphs}: Look, {queue}: TransfersView, columns: number): Line {
  const limit = rateLimit(queue, columns, 'transfers');
  const parts = [
    ...(limit === undefined ? [] : [span(limit, 'warning')]),
    ...stateWords(queue).map(({text, tone}) => span(text, tone)),
  ];
  const dots = (count: number): Line =>
    parts
      .slice(0, count)
      .flatMap((part, index) => (index === 0 ? part : [span(say` ${glyphs.dot} `, 'faint'), part]));
  let count = parts.length;
  // The last parts are the least important.
  while (count > 1 && lineWidth(dots(count)) > columns - titleColumns) {
    count--;
  }

  return dots(count);
}
