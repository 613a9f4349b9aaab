/** The facts about the entry under the cursor, as lines. */
import {type DisplayText, displayName} from '../../../../protocol/display-text.ts';
import {keyOf, shownKeyOf} from '../../keys/keymap.ts';
import type {DetailsView} from '../../model/details/details.ts';
import type {HereState} from '../../model/here/here-state.ts';
import {sizeBeside, timeBeside} from '../../text/exact.ts';
import {formatBytes, plural} from '../../text/format.ts';
import {say} from '../../text/say.ts';
import {cutMiddle, cutStart, wrapWords} from '../../text/width.ts';
import {hereLine} from '../here/here-words.ts';
import {bar} from '../line/bar.ts';
import {type Line, lineWidth, span} from '../line/span.ts';
import type {Look} from '../look.ts';
import {previewLines} from './preview-lines.ts';

/** At most `rows` lines of at most `columns`: facts first, then the preview. */
export function detailsLines(look: Look, view: DetailsView, columns: number, rows: number): Line[] {
  const facts =
    view.type === 'file' ? fileLines(look, view, columns) : otherLines(look, view, columns);
  if (view.preview === undefined) {
    return facts.slice(0, rows);
  }

  // A preview that the user asked for gets most of the room, and the facts keep their first lines.
  const most = view.preview.isAsked ? Math.floor(rows / 3) : facts.length;
  const kept = facts.slice(0, Math.max(1, Math.min(facts.length, most)));
  return [...kept, ...previewLines(look, view.preview, columns, rows - kept.length)];
}

function fileLines(look: Look, view: DetailsView, columns: number): Line[] {
  const {glyphs} = look;
  const {size = 0, mtimeMs = 0, version, state, seen} = view;
  const {copy, partial} = seen?.look ?? {};
  const facts = (label: DisplayText, bytes: DisplayText, time: DisplayText): Line[] => {
    const line = [span(label, 'faint'), span(say`${bytes}  `), span(time, 'faint')];
    return lineWidth(line) <= columns
      ? [line]
      : [line.slice(0, 2), [span(say`       ${time}`, 'faint')]];
  };
  const path = (file: string): Line => [
    span(say`       ${cutStart(displayName(file), Math.max(8, columns - 7), glyphs)}`, 'faint'),
  ];
  return [
    ...facts(say`there  `, sizeBeside(size, copy?.size), timeBeside(mtimeMs, copy?.mtimeMs)),
    ...(copy === undefined
      ? []
      : [
          ...facts(say`here   `, sizeBeside(copy.size, size), timeBeside(copy.mtimeMs, mtimeMs)),
          path(copy.file),
        ]),
    ...(partial === undefined
      ? []
      : [
          ...facts(
            say`here   `,
            partial.allocated === 0
              ? say`nothing yet`
              : formatBytes(Math.min(partial.allocated, partial.size)),
            say`a part`,
          ),
          path(partial.file),
        ]),
    ...stateLines(look, state, knownOf(view), columns),
    ...progressLines(look, state, columns),
    ...(version === undefined
      ? []
      : [
          [
            span(say`version  `, 'faint'),
            span(cutMiddle(displayName(version), Math.max(8, columns - 9), glyphs), 'faint'),
          ],
        ]),
  ];
}

function stateLines(
  {glyphs}: Look,
  state: HereState | undefined,
  known: Known,
  columns: number,
): Line[] {
  const sentence = stateSentence(state, known);
  if (sentence === undefined) {
    return [];
  }

  const sign = hereLine(glyphs, state, 'sign');
  if (state?.name === 'nothing') {
    return wrapWords(sentence, columns, glyphs).map((text): Line => [span(text, 'faint')]);
  }

  const [first = say``, ...others] = wrapWords(sentence, columns - 2, glyphs);
  const tone = sign[0]?.tone ?? 'plain';
  return [
    [...sign, span(say` `), span(first, tone)],
    ...others.map((text): Line => [span(say`  `), span(text, tone)]),
  ];
}

/** The progress of a file that is fetched, or was paused. */
function progressLines({glyphs}: Look, state: HereState | undefined, columns: number): Line[] {
  const {name, percent} = state ?? {};
  const isShown = name === 'fetching' || name === 'checking' || name === 'paused';
  if (!isShown || percent === undefined) {
    return [];
  }

  const words = say` ${percent} %`;
  return [[...bar(glyphs, percent, 100, Math.min(30, columns - 6)), span(words, 'strong')]];
}

/** Whether the copy was ever compared, and whether a preview is on the screen. */
type Known = {readonly isCompared: boolean; readonly isPreviewed: boolean};

export function knownOf({seen, preview}: Pick<DetailsView, 'seen' | 'preview'>): Known {
  return {isCompared: seen?.verdict !== undefined, isPreviewed: preview !== undefined};
}

/** What is known of the copy, and what the user can do. */
export function stateSentence(
  state: HereState | undefined,
  {isCompared, isPreviewed}: Known,
): DisplayText | undefined {
  switch (state?.name) {
    case 'same':
      return say`The same: every block was compared, and the copy has not changed since.`;
    case 'alike':
      return say`Size and time agree; its bytes were not compared. ${keyOf('verify')} compares them.`;
    case 'differs':
      return isCompared
        ? say`It differs. ${keyOf('verify')} shows where, and ${keyOf('repair')} repairs it.`
        : say`Its size differs. ${keyOf('verify')} shows the good blocks, and ${keyOf('download')} fetches it.`;
    case 'older':
      return say`The copy here is older. ${keyOf('download')} fetches the newer file.`;
    case 'newer':
      return say`The copy here is newer than the file there.`;
    case 'partial':
      return say`A part is here. ${keyOf('download')} continues with its good blocks.`;
    case 'queued':
      return say`It is in the queue.`;
    case 'fetching':
    case 'checking':
    case 'finishing':
      return say`It is being fetched.`;
    case 'paused':
      return say`Paused: ${keyOf('pause')} in the transfers continues it.`;
    case 'failed':
      return say`It could not be fetched: see the transfers. ${keyOf('retry')} there tries again.`;
    case 'stuck':
      return say`The disk here does not answer.`;
    case 'nothing':
      return isPreviewed
        ? say`It is not here: ${keyOf('download')} downloads it.`
        : say`It is not here: ${keyOf('download')} downloads, ${keyOf('preview')} previews it.`;
    case 'unknown':
    case undefined:
      return undefined;
  }
}

function otherLines({glyphs}: Look, view: DetailsView, columns: number): Line[] {
  const {type, mtimeMs, count, path, preview} = view;
  const time: Line[] =
    mtimeMs === undefined
      ? []
      : [[span(say`changed  `, 'faint'), span(timeBeside(mtimeMs, undefined))]];
  if (type === 'other') {
    const text = say`This is neither a file nor a folder: jangada cannot download it.`;
    return [
      ...time,
      ...wrapWords(text, columns, glyphs).map((line): Line => [span(line, 'faint')]),
    ];
  }

  const text =
    mtimeMs === undefined
      ? path === ''
        ? say`The top folder of the server.`
        : say`The folder on the screen. ${keyOf('parent')} goes to the folder above.`
      : preview === undefined
        ? say`${shownKeyOf('open', 'files', glyphs)} opens it, ${keyOf('download')} downloads it, ${keyOf('preview')} lists it.`
        : say`${shownKeyOf('open', 'files', glyphs)} opens it, ${keyOf('download')} downloads it.`;
  return [
    [
      span(
        count === undefined ? say`a folder` : say`a folder of ${plural(count, 'entry', 'entries')}`,
      ),
    ],
    ...time,
    ...wrapWords(text, columns, glyphs).map((line): Line => [span(line, 'faint')]),
  ];
}
