/** The files pane: the folder of the server that is open. */
import {memo, type ReactNode, useContext} from 'react';
import {type DisplayText, displayName} from '../../../protocol/display-text.ts';
import {rootPath} from '../../../protocol/remote-path.ts';
import type {LinkState} from '../../client/client.ts';
import type {TransferSnapshot} from '../../transfers/queue/queue.ts';
import {type FileRow, type FilesView, parentRow} from '../model/files/files-view.ts';
import type {Size} from '../model/layout.ts';
import {formatBytes, formatCount, plural} from '../text/format.ts';
import {joinTexts, say, sentence} from '../text/say.ts';
import {cutMiddle, cutStart, padEnd, padStart, widthOf, wrapWords} from '../text/width.ts';
import {Frame} from './frame.tsx';
import {fitRow, LineView, type Row, Rows} from './line/line-view.tsx';
import {type Line, span} from './line/span.ts';
import {type Look, LookContext} from './look.ts';
import {transferSign} from './transfer-line.ts';

type FilesPaneProps = {
  readonly view: FilesView;
  readonly link: LinkState;
  readonly size: Size;
  readonly active: boolean;
  /** The transfer of each row, if it has one. */
  readonly transfers: ReadonlyArray<TransferSnapshot | undefined>;
};

export const FilesPane = memo(function FilesPane(props: FilesPaneProps): ReactNode {
  const {view, link, size, active, transfers} = props;
  const look = useContext(LookContext);
  const columns = size.columns - 2;
  return (
    <Frame
      size={size}
      active={active}
      title={titleLine(look, view, columns)}
      aside={marksLine(look, view)}
      foot={footLine(look, view)}
    >
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
    </Frame>
  );
}, sameProps);

/** The transfers come in a new list each time, mostly with the same transfers. */
function sameProps(before: FilesPaneProps, after: FilesPaneProps): boolean {
  return (
    before.view === after.view &&
    before.link === after.link &&
    before.active === after.active &&
    before.size.columns === after.size.columns &&
    before.size.rows === after.size.rows &&
    before.transfers.length === after.transfers.length &&
    before.transfers.every((transfer, index) => transfer === after.transfers[index])
  );
}

function titleLine({glyphs}: Look, {path, options}: FilesView, columns: number): Line {
  const {key, reverse} = options.sort;
  const order =
    key === 'name' && !reverse
      ? []
      : [span(say` by ${displayName(key)}${reverse ? say`, reversed` : say``}`, 'faint')];
  const filter =
    options.filter === '' ? [] : [span(say` filter '${displayName(options.filter)}'`, 'warning')];
  const room = Math.max(8, columns - 12 - options.filter.length);
  return [
    span(say`Files `, 'strong'),
    span(cutStart(say`/${displayName(path)}`, room, glyphs), 'accent'),
    ...filter,
    ...order,
  ];
}

function marksLine({glyphs}: Look, {marks}: FilesView): Line {
  const count = marks.files + marks.folders;
  return count === 0
    ? []
    : [
        span(
          say`${glyphs.marked} ${formatCount(count)} marked ${glyphs.dot} ${formatBytes(marks.bytes)}${marks.folders > 0 ? say` and folders` : say``}`,
          'warning',
        ),
      ];
}

function footLine({glyphs}: Look, view: FilesView): Line {
  const hidden = view.total - view.shown;
  const parts = [
    view.position === 0 || view.shown === 0
      ? plural(view.shown, 'entry', 'entries')
      : say`${formatCount(view.position)} of ${formatCount(view.shown)}`,
    ...(hidden > 0 ? [say`${formatCount(hidden)} not shown`] : []),
    ...(view.loading ? [say`reading${glyphs.ellipsis}`] : []),
    ...(view.heldKeys > 0
      ? [say`${plural(view.heldKeys, 'key')} ${view.heldKeys === 1 ? say`waits` : say`wait`}`]
      : []),
    ...(view.sorting ? [say`sorting${glyphs.ellipsis}`] : []),
  ];
  return [span(joinTexts(parts, say` ${glyphs.dot} `), 'faint')];
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

/** `▌ ● name  7.5 MB  2025-01-12 ✓`; narrow panes leave out the time, then the date. */
export function fileLine({glyphs}: Look, props: Omit<FileViewProps, 'active'>): Line {
  const {row, columns, cursor, marked, transfer} = props;
  const pointer = span(cursor ? glyphs.cursor : say` `, 'accent');
  const mark = say` ${marked ? glyphs.marked : say` `} `;
  if (row === parentRow) {
    return [pointer, span(say`${mark}..`, 'folder')];
  }

  const date = columns >= 64 ? row.time : columns >= 40 ? row.date : say``;
  const tail = say`  ${padStart(row.size, 9)}${date === '' ? date : say`  ${date}`} `;
  const room = Math.max(4, columns - widthOf(mark) - widthOf(tail) - 2);
  const name = padEnd(cutMiddle(row.name, room, glyphs), room);
  // Few pieces: each of them is measured and coloured anew with every frame.
  return [
    pointer,
    span(say`${mark}${name}`, marked ? 'warning' : nameTones[row.type]),
    span(tail, 'faint'),
    ...(transfer === undefined ? [] : [transferSign(glyphs, transfer)]),
  ];
}

const nameTones = {folder: 'folder', file: 'plain', other: 'faint'} as const;

/** Notes about the folder, under its rows or in place of them. */
export function noteRows(look: Look, view: FilesView, link: LinkState, columns: number): Row[] {
  const {glyphs} = look;
  const empty = emptySentence(view, link, glyphs.ellipsis);
  const lines: Line[] =
    empty === undefined
      ? []
      : wrapWords(empty, columns - 4, glyphs).map(text => [
          span(say`   `),
          span(text, view.error === undefined ? 'faint' : 'bad'),
        ]);
  if (view.error !== undefined && empty === undefined) {
    lines.push([
      // The advice comes first, because the end of the row may not fit.
      span(say` ${glyphs.bad} Press r to read on. ${sentence(view.error)}`, 'bad'),
    ]);
  }

  if (view.note !== undefined) {
    lines.push([span(say` ${glyphs.bad} ${noteSentence(view)}`, 'warning')]);
  }

  if (view.refused !== undefined) {
    const {count, name, reason} = view.refused;
    lines.push([
      span(
        say` ${glyphs.bad} ${plural(count, 'name')} refused: '${displayName(name)}' (${displayName(reason)})`,
        'bad',
      ),
    ]);
  }

  return lines.map(line => ({line}));
}

/** A remark about the folder as a whole, and what to do about it. */
export function noteSentence({
  note,
  total,
  path,
}: Pick<FilesView, 'note' | 'total' | 'path'>): DisplayText {
  if (note === 'full') {
    return say`Only ${plural(total, 'entry', 'entries')} are shown: this folder has too many.`;
  }

  const leave = path === rootPath ? say`` : say`, h to leave it`;
  return say`Press r to read anew${leave}: the server has sent nothing for a minute.`;
}

/** Why no entry is shown, and what to do about it; undefined if one is shown. */
export function emptySentence(
  view: FilesView,
  link: LinkState,
  ellipsis: DisplayText,
): DisplayText | undefined {
  if (view.shown > 0) {
    return undefined;
  }

  if (view.error !== undefined) {
    return say`This folder cannot be read: ${sentence(view.error)} Press r to try again.`;
  }

  if (view.loading && link.name === 'waiting') {
    return say`${sentence(displayName(link.reason))} Trying again${ellipsis}`;
  }

  if (view.loading || view.sorting) {
    return say`Reading this folder${ellipsis}`;
  }

  if (view.total > 0) {
    return view.options.filter === ''
      ? say`Only hidden names here. Press . to show them.`
      : say`Nothing here has '${displayName(view.options.filter)}' in its name. Press Esc to show all.`;
  }

  return view.path === ''
    ? say`The server shares an empty folder. Press r to look again.`
    : say`This folder is empty. Press h to go back.`;
}
