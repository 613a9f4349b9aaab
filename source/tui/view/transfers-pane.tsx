/** The transfers pane: the queue. */
import {memo, type ReactNode, useContext} from 'react';
import type {DisplayText} from '../../../protocol/display-text.ts';
import type {TransferSnapshot} from '../../transfers/queue/queue.ts';
import {isRunning} from '../../transfers/terms/transfer-state.ts';
import type {Size} from '../model/layout.ts';
import type {TransfersView} from '../model/transfer-list.ts';
import {formatCount} from '../text/format.ts';
import {say} from '../text/say.ts';
import {cutStart, wrapWords} from '../text/width.ts';
import {Frame} from './frame.tsx';
import {fitRow, LineView, type Row, Rows} from './line/line-view.tsx';
import {type Line, lineWidth, span} from './line/span.ts';
import {type Look, LookContext} from './look.ts';
import {stateWords} from './queue-words.ts';
import {rateLimit} from './rate-limit.ts';
import {transferLine} from './transfer-line.ts';

type TransfersPaneProps = {
  readonly view: TransfersView;
  readonly folder: DisplayText;
  readonly size: Size;
  readonly active: boolean;
};

/** Columns of the upper edge that the words `Transfers to`, corners and spaces take. */
const titleColumns = 22;
/** Columns below which the folder is not worth beginning. */
const leastFolder = 10;

export const TransfersPane = memo(function TransfersPane(props: TransfersPaneProps): ReactNode {
  const {view, folder, size, active} = props;
  const look = useContext(LookContext);
  const columns = size.columns - 2;
  const aside = asideLine(look, view, size.columns);
  // The title and the aside stand apart, each with a space around it.
  const room = Math.max(0, columns - lineWidth(aside) - titleColumns);
  return (
    <Frame
      size={size}
      active={active}
      title={[
        span(say`Transfers `, 'strong'),
        ...(room < leastFolder
          ? []
          : [span(say`to ${cutStart(folder, room, look.glyphs)}`, 'faint')]),
      ]}
      aside={aside}
      foot={
        view.queue.total === 0
          ? []
          : [span(say`${formatCount(view.position)} of ${formatCount(view.queue.total)}`, 'faint')]
      }
    >
      {view.rows.map((row, index) => (
        <TransferView
          // A row is a place on the screen: its transfer changes.
          // biome-ignore lint/suspicious/noArrayIndexKey: see above
          key={index}
          row={row}
          columns={columns}
          cursor={active && index === view.cursor}
          more={view.more.get(row.id) ?? 0}
          turn={isRunning(row.state) ? view.turn : undefined}
        />
      ))}
      {view.rows.length === 0 ? <Rows rows={emptyRows(look, columns)} columns={columns} /> : null}
    </Frame>
  );
});

type TransferViewProps = {
  readonly row: TransferSnapshot;
  readonly columns: number;
  /** Whether the cursor is here, and the keys go to it. */
  readonly cursor: boolean;
  /** Others of its kind that it stands for. */
  readonly more: number;
  /** Turns its sign while it is worked on. */
  readonly turn: number | undefined;
};

/** One row. It is drawn again only if its transfer has changed. */
const TransferView = memo(function TransferView(props: TransferViewProps): ReactNode {
  const {row, columns, cursor, more, turn} = props;
  const look = useContext(LookContext);
  const options = turn === undefined ? {cursor, more} : {cursor, more, turn};
  const line = transferLine(look, row, columns, options);
  return <LineView line={fitRow(line, cursor, columns, look.glyphs)} inverse={cursor} />;
});

function emptyRows({glyphs}: Look, columns: number): Row[] {
  const sentence = say`Nothing is queued. Mark files with Space and press d, or press d on one.`;
  return wrapWords(sentence, columns - 4, glyphs).map(text => ({
    line: [span(say`  `), span(text, 'faint')],
  }));
}

/** The limit of the speed, if the header does not show it, and the numbers of transfers by state. */
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
  // The last ones are worth least.
  while (count > 1 && lineWidth(dots(count)) > columns - titleColumns) {
    count--;
  }

  return dots(count);
}
