/** The verifier: a local copy compared with the file on the server. */
import {Box} from 'ink';
import {memo, type ReactNode, useContext} from 'react';
import {blockSize} from '../../../../protocol/block.ts';
import {type DisplayText, displayName} from '../../../../protocol/display-text.ts';
import {firstBadBlock} from '../../../transfers/download/compare/first-difference.ts';
import type {VerifyReport} from '../../../transfers/download/verify.ts';
import {keyOf} from '../../keys/keymap.ts';
import type {Size} from '../../model/layout.ts';

import {hashNames} from '../../model/verifier/hash-names.ts';
import type {VerifierView} from '../../model/verifier/verifier.ts';
import {formatBytes, formatCount, formatPart, formatPercent} from '../../text/format.ts';
import {say, sentence} from '../../text/say.ts';
import {cutStart, wrapWords} from '../../text/width.ts';

import {laterLines, laterWord, liveBlocks} from '../here/verdict-now.ts';
import {bar} from '../line/bar.ts';
import {Rows} from '../line/line-view.tsx';
import {type Line, lineWidth, span} from '../line/span.ts';
import {type Look, LookContext} from '../look.ts';
import {paneTitle} from '../walls/pane-title.ts';
import type {Heading} from '../walls/wall.ts';
import {blockMap} from './block-map.ts';

import {digestLines, hashLines} from './hash-lines.ts';
import {repairSentence} from './repair-sentence.ts';

type VerifierPaneProps = {
  readonly view: VerifierView;
  readonly folder: DisplayText;
  readonly area: Size;
};

export const VerifierPane = memo(function VerifierPane(props: VerifierPaneProps): ReactNode {
  const {columns, rows} = props.area;
  const look = useContext(LookContext);
  // One column stays free on each side.
  const lines = verifierLines(look, props, columns - 2, rows);
  return (
    <Box flexDirection="column" width={columns} height={rows} flexShrink={0} overflowY="hidden">
      <Rows rows={lines.map(line => ({line: [span(say` `), ...line]}))} columns={columns} />
    </Box>
  );
});

/** Title and file; for a folded pane also the verdict. */
export function verifierHeading(
  look: Look,
  view: VerifierView,
  {columns, rows}: Size,
  active: boolean,
): Heading {
  const aside = rows === 0 ? verdictWord(view) : [];
  const title = [paneTitle('verifier', active)];
  if (view.path === undefined) {
    return {title, aside};
  }

  const room = Math.max(8, columns - lineWidth(title) - lineWidth(aside) - 9);
  const name = cutStart(displayName(view.path), room, look.glyphs);
  return {title: [...title, span(say` ${name}`, active ? 'accent' : 'faint')], aside};
}

/** The verdict in a word, for a folded pane. */
function verdictWord({state}: VerifierView): Line {
  switch (state.name) {
    case 'checking':
      return [span(say`checking ${formatPercent(state.doneBytes, state.totalBytes)}`, 'accent')];
    case 'compared':
      return state.report.equal ? [span(say`same`, 'good')] : [span(say`differs`, 'bad')];
    default:
      return laterWord(state);
  }
}

/** The content of the pane: at most `rows` lines of at most `columns`. */
export function verifierLines(
  look: Look,
  {view, folder}: Pick<VerifierPaneProps, 'view' | 'folder'>,
  columns: number,
  rows: number,
): Line[] {
  if (view.state.name === 'compared') {
    return comparedLines(look, view.state.report, view, columns, rows);
  }

  // The user asked for the digests: they come first, and other facts get the rest of the room.
  const hashed = hashLines(look, view, columns);
  const room = Math.max(1, rows - hashed.length);
  const lines = stateLines(look, {view, folder}, columns, room).slice(0, room);
  return [...lines, ...hashed].slice(0, rows);
}

function stateLines(
  look: Look,
  {view, folder}: Pick<VerifierPaneProps, 'view' | 'folder'>,
  columns: number,
  rows: number,
): Line[] {
  const {glyphs} = look;
  const {state, path, copy} = view;
  const wrapped = (text: DisplayText, tone: 'faint' | 'bad' = 'faint'): Line[] =>
    wrapWords(text, columns, glyphs).map(line => [span(line, tone)]);
  switch (state.name) {
    case 'nothing':
      return wrapped(
        say`Press ${keyOf('verify')} on a file to compare it, block by block, with its copy in ${cutStart(folder, Math.max(12, columns), glyphs)}.`,
      );
    case 'absent':
      return wrapped(
        say`There is no copy of ${displayName(path ?? '')} in ${folder}. Press ${keyOf('download')} on it to download it, then ${keyOf('verify')}.`,
      );
    case 'failed':
      return wrapped(
        say`This could not be verified: ${sentence(state.reason)} Press ${keyOf('verify')} to try again.`,
        'bad',
      );
    case 'checking':
      return checkingLines(look, state, copy, columns, rows);
    case 'fetching':
    case 'verified':
    case 'outdated':
      return laterLines(look, state, columns, rows);
    case 'compared':
      return [];
  }
}

function checkingLines(
  {glyphs}: Look,
  {doneBytes, totalBytes, blocks}: Extract<VerifierView['state'], {name: 'checking'}>,
  copy: VerifierView['copy'],
  columns: number,
  rows: number,
): Line[] {
  const words = [
    [
      span(say`checking  `, 'accent'),
      ...bar(glyphs, doneBytes, totalBytes, Math.min(30, columns - 18)),
      span(say` ${formatPercent(doneBytes, totalBytes)}`, 'strong'),
    ],
    [span(formatPart(doneBytes, totalBytes), 'faint')],
  ];
  const file = [span(cutStart(displayName(copy?.file ?? ''), columns, glyphs), 'faint')];
  return blocks === undefined
    ? [file, ...words]
    : [...words, ...liveBlocks(glyphs, blocks, columns, rows - words.length)];
}

function comparedLines(
  look: Look,
  report: VerifyReport,
  {hash, copy, difference}: Pick<VerifierView, 'hash' | 'copy' | 'difference'>,
  columns: number,
  rows: number,
): Line[] {
  const {glyphs} = look;
  const verdict = [verdictLine(look, report), countsLine(look, report)];
  const advice = [
    ...differenceLines(look, report, difference, columns),
    ...repairLines(look, report, columns),
  ];
  const roots = digestLines(
    look,
    say`all blocks, by ${hashNames[report.algorithm]}`,
    report.localRoot,
    report.remoteRoot,
    columns,
  );
  const hashed = hashLines(look, {hash, copy}, columns);
  // The verdict comes first, then the digests; the map gets the remaining room.
  const rest = rows - verdict.length - advice.length - hashed.length;
  const digests = rest >= roots.length ? roots : [];
  const blocks = {
    count: report.blocks.length,
    at: (index: number) => report.blocks[index] ?? 'good',
  };
  const map = blockMap(glyphs, blocks, columns, Math.max(0, rest - digests.length));
  return apart([[...verdict, ...map], advice, hashed, digests], rows).slice(0, rows);
}

/** The groups, one below the other, with a free line before each if all these lines fit. */
function apart(groups: readonly Line[][], rows: number): Line[] {
  const full = groups.filter(group => group.length > 0);
  const tight = full.flat();
  return tight.length + full.length - 1 > rows
    ? tight
    : full.flatMap((group, index) => (index === 0 ? group : [[], ...group]));
}

/** What a repair does; its key stands out if there is something to repair. */
function repairLines({glyphs}: Look, report: VerifyReport, columns: number): Line[] {
  const sentence = repairSentence(report);
  if (report.equal) {
    return wrapWords(sentence, columns, glyphs).map((text): Line => [span(text, 'faint')]);
  }

  const key = keyOf('repair');
  return wrapWords(sentence, columns, glyphs).map((text, index): Line => {
    const rest = text.slice(key.length) as DisplayText; // A part of checked text.
    return index === 0 && text.startsWith(key) ? [span(key, 'accent'), span(rest)] : [span(text)];
  });
}

function verdictLine({glyphs}: Look, {equal, localSize, remoteSize}: VerifyReport): Line {
  const sizes =
    localSize === remoteSize
      ? formatBytes(remoteSize)
      : say`${formatBytes(localSize)} here, ${formatBytes(remoteSize)} there`;
  return [
    equal ? span(say`${glyphs.states.done} same`, 'good') : span(say`${glyphs.bad} differs`, 'bad'),
    span(say`  ${sizes}`, 'faint'),
  ];
}

function countsLine({glyphs}: Look, {good, bad, missing}: VerifyReport): Line {
  const part = (
    count: number,
    sign: DisplayText,
    word: DisplayText,
    tone: 'good' | 'bad' | 'warning',
  ): Line => (count === 0 ? [] : [span(say`${sign} ${formatCount(count)} ${word}  `, tone)]);
  return [
    ...part(good, glyphs.good, say`good`, 'good'),
    ...part(missing, glyphs.missing, say`missing`, 'warning'),
    ...part(bad, glyphs.bad, say`bad`, 'bad'),
    ...(good + bad + missing === 0 ? [span(say`an empty file has no blocks`, 'faint')] : []),
  ];
}

/** The first difference: its block, and its byte once that is known. */
function differenceLines(
  {glyphs}: Look,
  report: VerifyReport,
  difference: number | undefined,
  columns: number,
): Line[] {
  const block = firstBadBlock(report);
  if (report.equal || (block === undefined && difference === undefined)) {
    return [];
  }

  const text =
    difference === undefined
      ? say`first difference in block ${formatCount(block ?? 0)}, from byte ${formatCount((block ?? 0) * blockSize)}`
      : say`first difference at byte ${formatCount(difference)} (block ${formatCount(Math.floor(difference / blockSize))})`;
  return wrapWords(text, columns, glyphs).map((line): Line => [span(line, 'bad')]);
}
