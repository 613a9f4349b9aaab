/** Sentences about the details of the entry under the cursor, and the preview of its file. */
import {type DisplayText, displayName} from '../../../protocol/display-text.ts';
import {baseName} from '../../../protocol/remote-path.ts';
import type {DetailsView} from '../model/details/details.ts';
import type {PreviewView} from '../model/details/preview.ts';
import {sizeBeside, timeBeside} from '../text/exact.ts';
import {formatBytes, plural} from '../text/format.ts';
import {say, sentence} from '../text/say.ts';
import {knownOf, stateSentence} from '../view/details/details-lines.ts';

/** Lines of a file that are told when its preview opens. */
const firstLines = 5;

/** The changes in the preview since `before`. */
export function previewSentences(
  before: DetailsView | undefined,
  now: DetailsView | undefined,
): DisplayText[] {
  const old = before?.preview;
  const preview = now?.preview;
  if (preview === undefined) {
    return old === undefined || now === undefined ? [] : [say`The preview is closed.`];
  }

  if (old?.state !== preview.state || old.path !== preview.path) {
    return openedSentences(preview);
  }

  return old.offset === preview.offset ? [] : linesFrom(preview, 1);
}

/** All facts about the entry. */
export function detailsSentences(view: DetailsView): DisplayText[] {
  const {type, size, mtimeMs, state, seen, count, path, version} = view;
  const name = path === '' ? say`The top folder` : displayName(baseName(path));
  if (type !== 'file') {
    const entries = count === undefined ? say`` : say` of ${plural(count, 'entry', 'entries')}`;
    const kind = type === 'folder' ? say`a folder${entries}` : say`neither a file nor a folder`;
    const changed =
      mtimeMs === undefined ? say`` : say`, changed ${timeBeside(mtimeMs, undefined)}`;
    return [say`${name}: ${kind}${changed}.`];
  }

  const {copy, partial} = seen?.look ?? {};
  const known = stateSentence(state, knownOf(view));
  return [
    say`${name}. There: ${sizeBeside(size ?? 0, copy?.size)}, changed ${timeBeside(mtimeMs ?? 0, copy?.mtimeMs)}.`,
    ...(copy === undefined
      ? []
      : [
          say`Here: ${sizeBeside(copy.size, size)}, changed ${timeBeside(copy.mtimeMs, mtimeMs)}, ${displayName(copy.file)}.`,
        ]),
    ...(partial === undefined
      ? []
      : [
          say`Here: a part of ${formatBytes(Math.min(partial.allocated, partial.size))}, ${displayName(partial.file)}.`,
        ]),
    ...(known === undefined ? [] : [known]),
    ...(version === undefined ? [] : [say`Version ${displayName(version)}.`]),
  ];
}

function openedSentences(preview: PreviewView): DisplayText[] {
  const {state, path} = preview;
  const name = displayName(baseName(path ?? ''));
  switch (state.name) {
    case 'none':
      return [say`Preview: move to a file or a folder to hear what is in it. Escape closes this.`];
    case 'reading':
      return [];
    case 'failed':
      return [say`The preview cannot be shown: ${sentence(state.reason)}`];
    case 'folder': {
      const {names, isCut} = state;
      const size =
        names.length === 0
          ? say`an empty folder`
          : say`${plural(names.length, 'entry', 'entries')}${isCut ? say`, the beginning` : say``}`;
      return [say`Preview of ${name}: ${size}.`, ...linesFrom(preview, firstLines)];
    }
    case 'bytes':
      return [
        say`Preview of ${name}: no text, ${plural(state.bytes.length, 'byte')}${state.isCut ? say` at its beginning` : say``}.`,
      ];
    case 'text': {
      const {encoding, lines, isCut} = state;
      const size =
        lines.length === 0
          ? say`an empty file`
          : say`${displayName(encoding)}, ${plural(lines.length, 'line')}${isCut ? say`, the beginning` : say``}`;
      return [say`Preview of ${name}: ${size}.`, ...linesFrom(preview, firstLines)];
    }
  }
}

/** Lines of the file, or names of the folder, from the first line of the preview on. */
function linesFrom({state, offset}: PreviewView, count: number): DisplayText[] {
  const shown = (lines: readonly DisplayText[]) => lines.slice(offset, offset + count);
  switch (state.name) {
    case 'text':
      return shown(state.lines).map((line, index) => say`Line ${offset + index + 1}: ${line}`);
    case 'folder':
      return [...shown(state.names)];
    default:
      return [];
  }
}
