/** The files pane: the folder on the screen. */
import {Box} from 'ink';
import {memo, type ReactNode, useContext} from 'react';
import type {LinkState} from '../../../client/client.ts';
import {type FileRow, type FilesView, parentRow} from '../../model/files/files-view.ts';
import type {HereState} from '../../model/here/here-state.ts';
import {headRows, type Size} from '../../model/layout.ts';
import {fitRow, LineView, Rows} from '../line/line-view.tsx';
import {LookContext} from '../look.ts';
import {faded, fileLine, headLine} from './file-line.ts';
import {noteRows} from './notes.ts';

type FilesPaneProps = {
  readonly view: FilesView;
  readonly link: LinkState;
  /** Seconds until the next attempt to reconnect; 0 during an attempt. */
  readonly retryInSeconds: number;
  readonly area: Size;
  readonly active: boolean;
  /** The state of the local copy, for each row. */
  readonly here: ReadonlyArray<HereState | undefined>;
};

export const FilesPane = memo(function FilesPane(props: FilesPaneProps): ReactNode {
  const {view, link, retryInSeconds, area, active, here} = props;
  const look = useContext(LookContext);
  const {columns, rows} = area;
  return (
    <Box flexDirection="column" width={columns} height={rows} flexShrink={0} overflowY="hidden">
      {headRows(area) === 0 ? null : (
        <Rows rows={[{line: headLine(look, view.options.sort, columns)}]} columns={columns} />
      )}
      {view.rows.map((row, index) => (
        <FileView
          // The key is the entry, not the place: when the window scrolls, most rows move and stay unchanged.
          key={row === parentRow ? '..' : row.path}
          row={row}
          columns={columns}
          active={active}
          cursor={index === view.cursor}
          marked={view.marked[index] === true}
          isOld={view.isOffline}
          here={here[index]}
        />
      ))}
      <Rows rows={noteRows(look, view, {link, retryInSeconds}, columns)} columns={columns} />
    </Box>
  );
}, sameProps);

/** `here` is a new list each time, usually with equal items. */
function sameProps(before: FilesPaneProps, after: FilesPaneProps): boolean {
  return (
    before.view === after.view &&
    before.link === after.link &&
    before.retryInSeconds === after.retryInSeconds &&
    before.active === after.active &&
    before.area === after.area &&
    before.here.length === after.here.length &&
    before.here.every((state, index) => state === after.here[index])
  );
}

type FileViewProps = {
  readonly row: FileRow | typeof parentRow;
  readonly columns: number;
  /** Whether this pane has the focus. */
  readonly active: boolean;
  readonly cursor: boolean;
  readonly marked: boolean;
  /** Whether the rows are from before the connection was lost. */
  readonly isOld: boolean;
  readonly here: HereState | undefined;
};

/** One row. It is drawn again only if it has changed: a move of the cursor redraws two rows. */
const FileView = memo(function FileView({active, isOld, ...props}: FileViewProps): ReactNode {
  const look = useContext(LookContext);
  const cursor = active && props.cursor;
  const drawn = isOld ? faded(fileLine(look, props)) : fileLine(look, props);
  const line = fitRow(drawn, cursor, props.columns, look.glyphs);
  return <LineView line={line} cursor={cursor} />;
});
