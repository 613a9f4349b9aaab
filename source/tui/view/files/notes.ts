/** Sentences about the folder, under its rows or in place of them. */
import {type DisplayText, displayName} from '../../../../protocol/display-text.ts';
import {rootPath} from '../../../../protocol/remote-path.ts';
import type {LinkState} from '../../../client/client.ts';
import {keyOf} from '../../keys/keymap.ts';
import type {FilesView, FoundView} from '../../model/files/files-view.ts';
import {formatCount, formatDuration, plural} from '../../text/format.ts';
import {say, sentence} from '../../text/say.ts';
import {wrapWords} from '../../text/width.ts';
import type {Row} from '../line/line-view.tsx';
import {type Line, span} from '../line/span.ts';
import type {Look} from '../look.ts';

/** Notes about the folder, under its rows or in place of them. */
export function noteRows(
  look: Look,
  view: FilesView,
  {link, retryInSeconds}: Link,
  columns: number,
): Row[] {
  const {glyphs} = look;
  const empty = emptySentence(view, link, glyphs.ellipsis);
  const lines: Line[] =
    empty === undefined
      ? []
      : wrapWords(empty, columns - 4, glyphs).map(text => [
          span(say`   `),
          span(text, view.error === undefined ? 'faint' : 'bad'),
        ]);
  if (view.isOffline && empty === undefined) {
    const again =
      retryInSeconds === 0 ? say`now` : say`in ${formatDuration(retryInSeconds * 1000)}`;
    lines.push([span(say` ${glyphs.bad} Not connected, trying again ${again}.`, 'warning')]);
  } else if (view.error !== undefined && empty === undefined) {
    lines.push([
      // The advice comes first, because the end of the row may be cut.
      span(
        say` ${glyphs.bad} Press ${keyOf('refresh')} to read on. ${sentence(view.error)}`,
        'bad',
      ),
    ]);
  }

  if (view.note !== undefined) {
    lines.push([span(say` ${glyphs.bad} ${noteSentence(view)}`, 'warning')]);
  }

  const unsearched = view.found?.unsearched;
  if (unsearched !== undefined) {
    lines.push([span(say` ${glyphs.bad} ${unsearchedSentence(unsearched)}`, 'warning')]);
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

type Link = {
  readonly link: LinkState;
  /** Seconds until the next attempt to reconnect; 0 during an attempt. */
  readonly retryInSeconds: number;
};

/** A note about the folder as a whole, and what to do about it. */
export function noteSentence({
  note,
  total,
  path,
  found,
}: Pick<FilesView, 'note' | 'total' | 'path' | 'found'>): DisplayText {
  if (note === 'full' && found !== undefined) {
    return say`Only ${plural(total, 'entry', 'entries')} of ${formatCount(found.count)} are kept: a longer name finds fewer.`;
  }

  if (note === 'full') {
    return say`Only ${plural(total, 'entry', 'entries')} are shown: this folder has too many.`;
  }

  const leave =
    path === rootPath && found === undefined ? say`` : say`, ${keyOf('parent')} to leave it`;
  return say`Press ${keyOf('refresh')} to read it again${leave}: the server has sent nothing for a minute.`;
}

/** Why no entry is shown, and what to do; undefined if there is an entry. */
export function emptySentence(
  view: FilesView,
  link: LinkState,
  ellipsis: DisplayText,
): DisplayText | undefined {
  if (view.shown > 0) {
    return undefined;
  }

  if (view.found !== undefined && view.total === 0) {
    return searchSentence(view, link, ellipsis);
  }

  if (view.error !== undefined) {
    return say`This folder cannot be read: ${sentence(view.error)} Press ${keyOf('refresh')} to try again.`;
  }

  if (view.loading && link.name === 'waiting') {
    return say`${sentence(displayName(link.reason))} Trying again${ellipsis}`;
  }

  if (view.loading || view.sorting) {
    return say`Reading this folder${ellipsis}`;
  }

  if (view.total > 0) {
    return view.options.filter === ''
      ? say`Only hidden names here. Press ${keyOf('hidden')} to show them.`
      : say`Nothing here has '${displayName(view.options.filter)}' in its name. Press ${keyOf('back')} to show all.`;
  }

  return view.path === ''
    ? say`The server shares an empty folder. Press ${keyOf('refresh')} to look again.`
    : say`This folder is empty. Press ${keyOf('parent')} to go back.`;
}

/** Why a search shows no entries. */
function searchSentence(
  {path, found, error, loading}: FilesView,
  link: LinkState,
  ellipsis: DisplayText,
): DisplayText {
  const folder = displayName(`/${path}`);
  if (error !== undefined) {
    return say`Nothing was found: ${sentence(error)} Press ${keyOf('refresh')} to try again, ${keyOf('back')} to go back.`;
  }

  if (loading) {
    return link.name === 'waiting'
      ? say`${sentence(displayName(link.reason))} Trying again${ellipsis}`
      : say`Searching ${folder}${ellipsis} ${keyOf('back')} stops.`;
  }

  return found?.isStopped === true
    ? say`You have stopped this search. Press ${keyOf('refresh')} to begin it again, ${keyOf('back')} to go back.`
    : say`Nothing below ${folder} has such a name. Press ${keyOf('back')} to go back, ${keyOf('find')} to find something else.`;
}

/** `2 places could not be searched: fotos/private (the server may not read it)` */
function unsearchedSentence({
  count,
  path,
  reason,
}: NonNullable<FoundView['unsearched']>): DisplayText {
  const first =
    path === undefined ? say`` : say`, '${displayName(`/${path}`)}' first: ${displayName(reason)}`;
  return say`${plural(count, 'place')} could not be searched${first}`;
}
