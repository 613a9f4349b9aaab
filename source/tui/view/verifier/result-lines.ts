/** The totals after comparing many files, and the lines of their list. */
import type {DisplayText} from '../../../../protocol/display-text.ts';
import {keyOf} from '../../keys/keymap.ts';
import type {Size} from '../../model/layout.ts';
import {resultHeadRows} from '../../model/layout.ts';
import type {ResultKind} from '../../model/verifier/result-rows.ts';
import type {ListedRow, VerifyListView} from '../../model/verifier/verify-list.ts';
import type {Glyphs} from '../../terminal/glyphs.ts';
import type {Tone} from '../../terminal/theme.ts';
import {formatBytes, formatCount, formatPart, formatPercent, plural} from '../../text/format.ts';
import {say, sentence} from '../../text/say.ts';
import {cutEnd, cutStart, padEnd, padStart, spaces, widthOf} from '../../text/width.ts';
import {bar} from '../line/bar.ts';
import {type Line, lineWidth, type Span, span} from '../line/span.ts';
import type {Look} from '../look.ts';

/** Columns of the longest verdict. */
const wordColumns = 8;
/** Least columns of a name; the numbers of blocks get room only after that. */
const leastName = 10;

type Verdict = {readonly sign: DisplayText; readonly word: DisplayText; readonly tone: Tone};

/** The totals, in as many lines as the list leaves: numbers of verdicts, and progress or the next step. */
export function resultHead(look: Look, view: VerifyListView, area: Size): Line[] {
  const columns = area.columns - 2;
  return [totalsLine(look, view, columns), stepLine(look, view, columns)].slice(
    0,
    resultHeadRows(area),
  );
}

/** `✗ 2 differ · □ 1 not here · ✓ 12 same`, or only the signs and numbers. */
function totalsLine(look: Look, view: VerifyListView, columns: number): Line {
  const {dot} = look.glyphs;
  const joined = (parts: readonly Span[], between: DisplayText): Line =>
    parts.flatMap((part, index) => (index === 0 ? part : [span(between, 'faint'), part]));
  const long = joined(verdictSpans(look, view), say` ${dot} `);
  if (view.files === 0 && long.length === 0) {
    return [span(isRunning(view) ? say`looking for files` : say`there are no files`, 'faint')];
  }

  return lineWidth(long) <= columns ? long : joined(verdictSpans(look, view, true), say`  `);
}

/** Each kind of result with its number; repaired files count as the same. */
export function verdictSpans({glyphs}: Look, view: VerifyListView, isShort = false): Span[] {
  const {counts, repaired} = view;
  const numbers: Array<readonly [ResultKind, number, DisplayText]> = [
    [
      'differs',
      counts.differs - repaired,
      counts.differs - repaired === 1 ? say`differs` : say`differ`,
    ],
    ['failed', counts.failed, say`not readable`],
    ['absent', counts.absent, say`not here`],
    ['same', counts.same + repaired, say`same`],
  ];
  return numbers
    .filter(([, count]) => count > 0)
    .map(([kind, count, word]) => {
      const {sign, tone} = verdictOf(glyphs, kind);
      return span(
        isShort ? say`${sign} ${formatCount(count)}` : say`${sign} ${formatCount(count)} ${word}`,
        tone,
      );
    });
}

/** The progress, or what the user can do now. */
function stepLine(look: Look, view: VerifyListView, columns: number): Line {
  const {glyphs} = look;
  const {state, bytes, doneBytes, files, doneFiles, failure, unlisted} = view;
  if (isRunning(view)) {
    const isByFiles = bytes === 0;
    const [done, total] = isByFiles ? [doneFiles, files] : [doneBytes, bytes];
    const part = isByFiles
      ? say`${formatCount(doneFiles)} of ${plural(files, 'file')}`
      : formatPart(doneBytes, bytes);
    const words =
      state === 'counting'
        ? say` counting: ${plural(files, 'file')}, ${formatBytes(bytes)}`
        : say` ${formatPercent(done, total)}  ${part}`;
    const room = Math.min(24, columns - widthOf(words));
    return state === 'counting'
      ? [span(cutEnd(words, columns, glyphs), 'faint')]
      : [...bar(glyphs, done, total, room), span(cutEnd(words, columns, glyphs), 'faint')];
  }

  if (failure !== undefined) {
    return [span(cutEnd(say`ended: ${sentence(failure)}`, columns, glyphs), 'bad')];
  }

  const isStopped = state === 'stopped' ? [say`stopped`] : [];
  const left = view.counts.differs - view.repaired;
  const step =
    left === 0
      ? []
      : left < view.counts.differs
        ? [say`${keyOf('repair')} repairs all that differ`]
        : [
            say`${keyOf('repair')} repairs ${formatCount(left)}: fetches ${formatBytes(view.repairBytes)}`,
          ];
  const more = unlisted > 0 ? [say`${formatCount(unlisted)} more have no row`] : [];
  const words = [...isStopped, ...step, ...more];
  const text = words.reduce<DisplayText>(
    (all, word) => (all === '' ? word : say`${all} ${glyphs.dot} ${word}`),
    say``,
  );
  const done = say`${plural(doneFiles, 'file')}, ${formatBytes(doneBytes)} compared`;
  return [span(cutEnd(text === '' ? done : text, columns, glyphs), 'faint')];
}

/** `▌✗ differs  big-3.bin   ■ 45 ✗ 1 □ 2` in at most `columns`. */
export function resultLine(
  {glyphs}: Look,
  {row, now}: ListedRow,
  {columns, cursor}: {columns: number; cursor: boolean},
): Line {
  const {sign, word, tone} = verdictNow(glyphs, row.kind, now);
  const room = columns - 1 - 2 - wordColumns - 1;
  const aside = asideOf(glyphs, {row, now});
  const width = lineWidth(aside);
  // For a file that is the same, its name is more important than the number of blocks.
  const least = row.kind === 'same' ? widthOf(row.label) : Math.min(leastName, widthOf(row.label));
  const fits = width > 0 && room - width - 1 >= least;
  const nameRoom = Math.max(4, fits ? room - width - 1 : room);
  const name = cutStart(row.label, nameRoom, glyphs);
  return [
    span(cursor ? glyphs.cursor : say` `, 'accent'),
    span(say`${sign} ${padEnd(word, wordColumns)} `, tone),
    span(fits ? padEnd(name, nameRoom) : name),
    ...(fits ? [span(spaces(1)), ...aside] : []),
  ];
}

/** The blocks of a compared file, the percentage of a file that is fetched, or why it has no verdict. */
function asideOf(glyphs: Glyphs, {row, now}: ListedRow): Line {
  if (row.kind === 'failed') {
    return [span(row.reason, 'faint')];
  }

  if (now?.name === 'fetching') {
    return [span(padStart(formatPercent(now.doneBytes, now.totalBytes), 5), 'accent')];
  }

  if (now?.name !== 'compared') {
    return [];
  }

  const {good, bad, missing} = now.report;
  return [
    ...blocks(glyphs.good, good, 'good'),
    ...blocks(glyphs.bad, bad, 'bad'),
    ...blocks(glyphs.missing, missing, 'warning'),
  ].slice(1);
}

function blocks(sign: DisplayText, count: number, tone: Tone): Line {
  return count === 0 ? [] : [span(say` `), span(say`${sign}${formatCount(count)}`, tone)];
}

/** The verdict as it is now. */
function verdictNow(glyphs: Glyphs, kind: ResultKind, now: ListedRow['now']): Verdict {
  switch (now?.name) {
    case 'fetching':
      return {sign: glyphs.states.down, word: say`fetching`, tone: 'accent'};
    case 'verified':
      return verdictOf(glyphs, 'same');
    case 'outdated':
      return {
        sign: glyphs.here.unlike,
        word: now.isGone ? say`gone` : say`changed`,
        tone: 'warning',
      };
    default:
      return verdictOf(glyphs, kind);
  }
}

function verdictOf({states, missing, here}: Glyphs, kind: ResultKind): Verdict {
  switch (kind) {
    case 'same':
      return {sign: states.done, word: say`same`, tone: 'good'};
    case 'differs':
      return {sign: states.failed, word: say`differs`, tone: 'bad'};
    case 'absent':
      return {sign: missing, word: say`not here`, tone: 'warning'};
    case 'failed':
      return {sign: here.unknown, word: say`failed`, tone: 'bad'};
  }
}

export function isRunning({state}: VerifyListView): boolean {
  return state === 'counting' || state === 'running';
}
