/** Sentences about the folder that is open, and the row under the cursor. */

import {type DisplayText, displayName} from '../../../protocol/display-text.ts';
import type {AppView} from '../model/app.ts';
import {type FileRow, type FilesView, parentRow} from '../model/files/files-view.ts';
import type {HereState} from '../model/here/here-state.ts';
import {formatBytes, formatCount, plural} from '../text/format.ts';
import {joinTexts, say, sentence} from '../text/say.ts';
import {emptySentence, noteSentence} from '../view/files/notes.ts';
import {hereNews, hereWords} from './here-sentence.ts';
import {spokenKeyOf} from './spoken-keys.ts';

type Told = Pick<AppView, 'files' | 'here' | 'link' | 'server' | 'transfers'>;

/** The changes in the files since `before` was told. */
export function filesSentences(before: Told, now: Told): DisplayText[] {
  const marks =
    before.files.marks === now.files.marks ? [] : markSentences(before.files, now.files);
  if (isOtherFolder(before.files, now.files)) {
    return [...marks, ...folderSentences(now)];
  }

  // While a folder is read, rows are added before the one under the cursor.
  if (now.files.loading || now.files.sorting) {
    return marks;
  }

  const row = rowAt(now.files);
  return row !== rowAt(before.files) && pathOf(row) !== pathOf(rowAt(before.files))
    ? [...marks, ...currentSentences(now)]
    : [...marks, ...changedSentences(before, now)];
}

/** The folder, and the row under the cursor once all rows have arrived. */
export function folderSentences(now: Told): DisplayText[] {
  const {files} = now;
  const isReading = files.loading || files.sorting;
  return [folderSentence(now), ...(isReading ? [] : [...remarks(now), ...currentSentences(now)])];
}

/** The row under the cursor; or the reason why there is none. */
export function currentSentences({files, here, link}: Told): DisplayText[] {
  const empty = emptySentence(files, link, say`...`);
  if (empty !== undefined) {
    return [empty];
  }

  const row = rowAt(files);
  return row === undefined ? [] : [rowSentence(files, row, here[files.cursor])];
}

/** `big-3.bin, 50.3 MB, changed today 18:12, the file here differs, marked. 3 of 17.` */
export function rowSentence(
  files: Pick<FilesView, 'cursor' | 'marked' | 'position' | 'shown'>,
  row: FileRow | typeof parentRow,
  here: HereState | undefined,
): DisplayText {
  const shown = plural(files.shown, 'entry', 'entries');
  if (row === parentRow) {
    return say`The folder above, before ${shown}.`;
  }

  const state = hereWords(here);
  const words = [
    row.type === 'folder' ? say`${withoutSlash(row.name)}, folder` : row.name,
    ...(row.type === 'file' ? [row.size] : []),
    ...(row.type === 'other' ? [say`neither a file nor a folder`] : []),
    say`changed ${row.changed}`,
    ...(state === undefined ? [] : [state]),
    ...(files.marked[files.cursor] === true ? [say`marked`] : []),
  ];
  const place = say`${formatCount(files.position)} of ${formatCount(files.shown)}`;
  return say`${joinTexts(words, say`, `)}. ${place}.`;
}

/** `Folder fotos of files.example.org, 17 entries, sorted by name.` */
function folderSentence({files, server}: Told): DisplayText {
  const {path, found, loading, sorting, options, shown, total} = files;
  const folder =
    path === '' ? say`Top folder of ${server}` : say`Folder ${displayName(path)} of ${server}`;
  if (loading && total === 0) {
    return found === undefined
      ? say`Reading. ${folder}.`
      : say`Searching for ${found.text}. ${folder}.`;
  }

  const entries = plural(total, 'entry', 'entries');
  const counts = [
    found === undefined ? entries : say`${formatCount(found.count)} found for ${found.text}`,
    ...(loading ? [say`still reading`] : []),
    ...(sorting ? [say`still sorting`] : []),
    ...(found?.isStopped === true ? [say`stopped`] : []),
    ...(options.filter === '' ? [] : [say`filter ${displayName(options.filter)}`]),
    ...(shown === total ? [] : [say`${formatCount(shown)} shown`]),
    say`sorted by ${displayName(options.sort.key)}${options.sort.reverse ? say`, the other way round` : say``}`,
  ];
  return say`${folder}, ${joinTexts(counts, say`, `)}.`;
}

/** Other remarks about the folder. */
function remarks({files}: Told): DisplayText[] {
  const {error, shown, note, refused, found} = files;
  const unsearched = found?.unsearched?.count ?? 0;
  return [
    ...(error !== undefined && shown > 0
      ? [say`${sentence(error)} Press ${spokenKeyOf('refresh')} to read on.`]
      : []),
    ...(note === undefined ? [] : [noteSentence(files)]),
    ...(unsearched > 0 ? [say`${plural(unsearched, 'place')} could not be searched.`] : []),
    ...(refused === undefined
      ? []
      : [
          say`${plural(refused.count, 'name')} refused, ${displayName(refused.name)} first: ${sentence(displayName(refused.reason))}`,
        ]),
  ];
}

function markSentences({marks: before}: FilesView, {marks}: FilesView): DisplayText[] {
  const {files, folders, bytes} = marks;
  if (files === before.files && folders === before.folders && bytes === before.bytes) {
    return [];
  }

  const counts = [
    ...(files > 0 ? [say`${plural(files, 'file')}, ${formatBytes(bytes)}`] : []),
    ...(folders > 0 ? [plural(folders, 'folder')] : []),
  ];
  return counts.length === 0
    ? [say`Nothing is marked any more.`]
    : [say`Marked: ${joinTexts(counts, say` and `)}.`];
}

/** Changes of the row under the cursor, while the cursor stays. */
function changedSentences(before: Told, now: Told): DisplayText[] {
  const row = rowAt(now.files);
  // If a transfer has ended meanwhile, its own sentence tells of the file.
  const isFetched = before.transfers.queue.done !== now.transfers.queue.done;
  if (row === undefined || row === parentRow || isFetched) {
    return [];
  }

  const news = hereNews(before.here[before.files.cursor], now.here[now.files.cursor]);
  return news === undefined ? [] : [say`${row.name}: ${news}.`];
}

function isOtherFolder(before: FilesView, now: FilesView): boolean {
  const isRead = !now.loading && !now.sorting;
  const wasRead = !before.loading && !before.sorting;
  return (
    before.path !== now.path ||
    before.found?.text !== now.found?.text ||
    before.found?.isStopped !== now.found?.isStopped ||
    (isRead && !wasRead) ||
    (isRead && before.total !== now.total) ||
    before.error !== now.error ||
    before.note !== now.note ||
    !isSameOrder(before.options, now.options)
  );
}

function isSameOrder(before: FilesView['options'], now: FilesView['options']): boolean {
  return (
    before.filter === now.filter &&
    before.showHidden === now.showHidden &&
    before.sort.key === now.sort.key &&
    before.sort.reverse === now.sort.reverse
  );
}

function rowAt({rows, cursor}: FilesView): FileRow | typeof parentRow | undefined {
  return rows[cursor];
}

function pathOf(row: FileRow | typeof parentRow | undefined): string | undefined {
  return row === parentRow || row === undefined ? row : `/${row.path}`;
}

function withoutSlash(name: DisplayText): DisplayText {
  return name.replace(/\/$/, '') as DisplayText; // A part of a checked text.
}
