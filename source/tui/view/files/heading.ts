/** The words in the wall above the files. */
import {type DisplayText, displayName} from '../../../../protocol/display-text.ts';
import {keyOf} from '../../keys/keymap.ts';
import type {FilesView} from '../../model/files/files-view.ts';
import {formatBytes, formatCount, plural} from '../../text/format.ts';
import {joinTexts, say} from '../../text/say.ts';
import {cutEnd, cutStart} from '../../text/width.ts';
import {type Line, lineWidth, span} from '../line/span.ts';
import type {Look} from '../look.ts';
import {paneTitle} from '../walls/pane-title.ts';
import type {Heading} from '../walls/wall.ts';

/** Columns of a path that are more important than longer words beside it. */
const pathColumns = 16;
/** Most columns for the text of a search. */
const searchColumns = 24;

/** Title, path and filter; beside them marks and the position of the cursor, in as many words as fit. */
export function filesHeading(
  look: Look,
  view: FilesView,
  columns: number,
  active: boolean,
): Heading {
  const {glyphs} = look;
  const path = displayName(`/${view.path}`);
  const {found} = view;
  const search =
    found === undefined
      ? []
      : [span(say` find '${cutEnd(found.text, searchColumns, glyphs)}'`, 'warning')];
  const title = [paneTitle('files', active), span(say` `)];
  const filter =
    view.options.filter === ''
      ? search
      : [...search, span(say` filter '${displayName(view.options.filter)}'`, 'warning')];
  const front = lineWidth(title) + lineWidth(filter);
  const room = columns - front - 8;
  const fits = (aside: Line): boolean =>
    room - lineWidth(aside) >= Math.min(path.length, pathColumns);
  const shortMarks = marksLine(look, view, 'short');
  const asides = [
    apart(look, marksLine(look, view, 'long'), placeLine(look, view, 'long')),
    apart(look, shortMarks, placeLine(look, view, 'long')),
    apart(look, shortMarks, placeLine(look, view, 'short')),
  ];
  const aside = asides.find(fits) ?? shortMarks;
  const shown = cutStart(path, Math.max(8, room - lineWidth(aside)), glyphs);
  const words = [...title, span(shown, active ? 'accent' : 'faint'), ...filter];
  // Without this hint, the user does not see how to leave a list of results.
  const wayOut = filter.length === 0 ? [] : [span(say` ${keyOf('back')} ends it`, 'faint')];
  const isFitting = lineWidth([...words, ...wayOut, ...aside]) + 8 <= columns;
  return {title: isFitting ? [...words, ...wayOut] : words, aside};
}

/** Marks and position with a piece of the wall between; without marks only the position. */
function apart({glyphs}: Look, marks: Line, place: Line): Line {
  return marks.length === 0
    ? place
    : [...marks, span(say` ${glyphs.horizontal} `, 'frame'), ...place];
}

/** `● 2 marked · 62.8 MB`, `● 3 marked · 62.8 MB and 1 folder`; of folders alone, whose sizes nobody knows, `● 1 folder marked`. */
function marksLine({glyphs}: Look, {marks}: FilesView, length: 'long' | 'short'): Line {
  const {files, folders, bytes} = marks;
  const words = length === 'long' ? say` marked` : say``;
  if (files + folders === 0) {
    return [];
  }

  const folderWords = plural(folders, 'folder');
  const beside = folders > 0 ? say` and ${folderWords}` : say``;
  const what =
    files === 0
      ? say`${folderWords}${words}`
      : say`${formatCount(files + folders)}${words} ${glyphs.dot} ${formatBytes(bytes)}${beside}`;
  return [span(say`${glyphs.marked} ${what}`, 'warning')];
}

/** `3 of 17 · 1 not shown` */
function placeLine({glyphs}: Look, view: FilesView, length: 'long' | 'short'): Line {
  const hidden = view.total - view.shown;
  const parts = [
    ...placeWords(view),
    ...(hidden > 0 && length === 'long' ? [say`${formatCount(hidden)} not shown`] : []),
    ...(view.loading ? [say`${view.found ? say`searching` : say`reading`}${glyphs.ellipsis}`] : []),
    ...(view.found?.isStopped ? [say`stopped`] : []),
    ...(view.heldKeys > 0
      ? [say`${plural(view.heldKeys, 'key')} ${view.heldKeys === 1 ? say`waits` : say`wait`}`]
      : []),
    ...(view.sorting ? [say`sorting${glyphs.ellipsis}`] : []),
  ];
  return [span(joinTexts(parts, say` ${glyphs.dot} `), 'faint')];
}

/** `3 of 17`; for a search `3 of 17 · 17 found` once more entries are found than shown. */
function placeWords({position, shown, total, found}: FilesView): DisplayText[] {
  const isNone = position === 0 || shown === 0;
  const place = say`${formatCount(position)} of ${formatCount(shown)}`;
  if (found === undefined) {
    return [isNone ? plural(shown, 'entry', 'entries') : place];
  }

  const count = say`${formatCount(found.count)} found`;
  return isNone ? [count] : found.count === total ? [say`${place} found`] : [place, count];
}
