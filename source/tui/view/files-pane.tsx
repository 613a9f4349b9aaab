/** The files pane: the folder of the server that is open. */
import {Box} from 'ink';
import {memo, type ReactNode, useContext} from 'react';
import type {LinkState} from '../../client/client.ts';
import type {TransferSnapshot} from '../../transfers/queue/queue.ts';
import type {FileRow, FilesView, parentRow} from '../model/files/files-view.ts';
import {headRows, type Size} from '../model/layout.ts';
import {fileLine, headLine} from './files/file-line.ts';
import {noteRows} from './files/notes.ts';
import {fitRow, LineView, Rows} from './line/line-view.tsx';
import {LookContext} from './look.ts';

type FilesPaneProps = {
  readonly view: FilesView;
  readonly link: LinkState;
  readonly area: Size;
  readonly active: boolean;
  /** The transfer of each row, if it has one. */
  readonly transfers: ReadonlyArray<TransferSnapshot | undefined>;
};

export const FilesPane = memo(function FilesPane(props: FilesPaneProps): ReactNode {
  const {view, link, area, active, transfers} = props;
  const look = useContext(LookContext);
  const {columns, rows} = area;
  return (
    <Box flexDirection="column" width={columns} height={rows} flexShrink={0} overflowY="hidden">
      {headRows(area) === 0 ? null : (
        <Rows rows={[{line: headLine(look, view.options.sort, columns)}]} columns={columns} />
      )}
      {view.rows.map((row, index) => (
        <FileView
          // A row is a place on the screen: its entry changes.
          // biome-ignore lint/suspicious/noArrayIndexKey: see above
          key={index}
          row={row}
          columns={columns}
          active={active}
          cursor={index === view.cursor}
          marked={view.marked[index] === true}
          transfer={transfers[index]}
        />
      ))}
      <Rows rows={noteRows(look, view, link, columns)} columns={columns} />
    </Box>
  );
}, sameProps);

/** The transfers come in a new list each time, mostly with the same transfers. */
function sameProps(before: FilesPaneProps, after: FilesPaneProps): boolean {
  return (
    before.view === after.view &&
    before.link === after.link &&
    before.active === after.active &&
    before.area === after.area &&
    before.transfers.length === after.transfers.length &&
    before.transfers.every((transfer, index) => transfer === after.transfers[index])
  );
}

type FileViewProps = {
  readonly row: FileRow | typeof parentRow;
  readonly columns: number;
  /** Whether the keys go to this pane. */
  readonly active: boolean;
  readonly cursor: boolean;
  readonly marked: boolean;
  readonly transfer: TransferSnapshot | undefined;
};

/** One row. It is drawn again only if it has changed: when the cursor moves, two rows are. */
const FileView = memo(function FileView({active, ...props}: FileViewProps): ReactNode {
  const look = useContext(LookContext);
  const cursor = active && props.cursor;
  const line = fitRow(fileLine(look, props), cursor, props.columns, look.glyphs);
  return <LineView line={line} cursor={cursor} />;
});
