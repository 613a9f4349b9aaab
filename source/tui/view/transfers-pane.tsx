/** The transfers pane: the queue. */
import {memo, type ReactNode, useContext} from 'react';
import type {DisplayText} from '../../../protocol/display-text.ts';
import type {TransferSnapshot} from '../../transfers/queue/queue.ts';
import type {Size} from '../model/layout.ts';
import type {TransfersView} from '../model/transfer-list.ts';
import {formatCount} from '../text/format.ts';
import {joinTexts, say} from '../text/say.ts';
import {cutStart, wrapWords} from '../text/width.ts';
import {Frame} from './frame.tsx';
import {fitRow, LineView, type Row, Rows} from './line/line-view.tsx';
import {type Line, span} from './line/span.ts';
import {type Look, LookContext} from './look.ts';
import {rateLimit} from './rate-limit.ts';
import {transferLine} from './transfer-line.ts';

type TransfersPaneProps = {
  readonly view: TransfersView;
  readonly folder: DisplayText;
  readonly size: Size;
  readonly active: boolean;
};

export const TransfersPane = memo(function TransfersPane(props: TransfersPaneProps): ReactNode {
  const {view, folder, size, active} = props;
  const look = useContext(LookContext);
  const columns = size.columns - 2;
  const room = Math.max(10, columns - 40);
  return (
    <Frame
      size={size}
      active={active}
      title={[
        span(say`Transfers `, 'strong'),
        span(say`to ${cutStart(folder, room, look.glyphs)}`, 'faint'),
      ]}
      aside={asideLine(look, view, size.columns)}
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
};

/** One row. It is drawn again only if its transfer has changed. */
const TransferView = memo(function TransferView(props: TransferViewProps): ReactNode {
  const {row, columns, cursor} = props;
  const look = useContext(LookContext);
  const line = transferLine(look, row, columns, cursor);
  return <LineView line={fitRow(line, cursor, columns, look.glyphs)} cursor={cursor} />;
});

function emptyRows({glyphs}: Look, columns: number): Row[] {
  const sentence = say`Nothing is queued. Mark files with Space and press d, or press d on one.`;
  return wrapWords(sentence, columns - 4, glyphs).map(text => ({
    line: [span(say`  `), span(text, 'faint')],
  }));
}

/** The limit of the speed, if the header does not show it, and the numbers of done and failed. */
export function asideLine({glyphs}: Look, {queue}: TransfersView, columns: number): Line {
  const limit = rateLimit(queue, columns, 'transfers');
  const parts = [
    ...(queue.done > 0 ? [say`${formatCount(queue.done)} done`] : []),
    ...(queue.failed > 0 ? [say`${formatCount(queue.failed)} failed`] : []),
  ];
  const between = say` ${glyphs.dot} `;
  return [
    ...(limit === undefined ? [] : [span(limit, 'warning')]),
    ...(limit === undefined || parts.length === 0 ? [] : [span(between)]),
    ...(parts.length === 0
      ? []
      : [span(joinTexts(parts, between), queue.failed > 0 ? 'bad' : 'good')]),
  ];
}
