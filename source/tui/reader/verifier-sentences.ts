/** Sentences about the verifier: one file, its hash, and many files. */

import {type DisplayText, displayName} from '../../../protocol/display-text.ts';
import {baseName, type RemotePath} from '../../../protocol/remote-path.ts';
import type {AppView} from '../model/app.ts';
import {hashNames} from '../model/verifier/hash-names.ts';
import type {HashState, VerifierView} from '../model/verifier/verifier.ts';
import type {ListedRow, VerifyListView} from '../model/verifier/verify-list.ts';
import {formatBytes, formatCount, formatPercent, percentOf, plural} from '../text/format.ts';
import {joinTexts, say, sentence} from '../text/say.ts';
import {repairSentence} from '../view/verifier/repair-sentence.ts';
import {isRunning} from '../view/verifier/result-lines.ts';
import {spokenKeyOf} from './spoken-keys.ts';

type Told = Pick<AppView, 'verifier' | 'results' | 'folder'>;

/**
 * The changes in the verifier since `before`.
 *
 * @param isSameEntry whether the cursor of the files has stayed: results appear and disappear when it moves.
 */
export function verifierSentences(before: Told, now: Told, isSameEntry = true): DisplayText[] {
  const {verifier, results} = now;
  return [
    ...stateNews(before.verifier, verifier, now.folder),
    ...differenceNews(before.verifier, verifier),
    ...(isSameHash(before.verifier.hash, verifier.hash) ? [] : hashSentences(verifier.hash)),
    ...(results === undefined ? [] : resultNews(before.results, results, isSameEntry)),
  ];
}

/** Everything that the verifier shows at this moment; nothing if the pane shows something else. */
export function verifierPlace({verifier, results, folder}: Told): DisplayText[] {
  return results === undefined
    ? [stateSentence(verifier, folder), ...hashSentences(verifier.hash)]
    : [resultsSentence(results), ...resultRow(results)];
}

/** The row of the list under the cursor: `fotos/big.bin, differs, 45 good, 1 bad.` */
export function resultRow({rows, cursor}: VerifyListView): DisplayText[] {
  const listed = rows[cursor];
  return listed === undefined ? [] : [rowSentence(listed)];
}

function stateNews(before: VerifierView, now: VerifierView, folder: DisplayText): DisplayText[] {
  const old = before.state;
  const {state} = now;
  if (state.name === 'nothing') {
    return old.name === 'checking' ? [say`Stopped comparing.`] : [];
  }

  const isSameFile = before.path === now.path;
  if (isSameFile && state.name === old.name && 'doneBytes' in state && 'doneBytes' in old) {
    const quarter = quarterOf(state);
    // While a file is fetched, the queue tells its progress.
    return state.name === 'checking' && quarter > quarterOf(old)
      ? [say`${nameOf(now.path)}: ${formatPercent(state.doneBytes, state.totalBytes)} compared.`]
      : [];
  }

  // A file that is being fetched had no copy before: that is no news.
  const isAbsent = isSameFile && state.name === 'absent' && old.name === 'fetching';
  const isNew = !isSameFile || state.name !== old.name || isOtherReport(old, state);
  return isNew && !isAbsent && state.name !== 'fetching' ? [stateSentence(now, folder)] : [];
}

function isOtherReport(before: VerifierView['state'], now: VerifierView['state']): boolean {
  return before.name === 'compared' && now.name === 'compared' && before.report !== now.report;
}

function quarterOf({doneBytes, totalBytes}: {doneBytes: number; totalBytes: number}): number {
  return totalBytes === 0 ? 0 : Math.floor(percentOf(doneBytes, totalBytes) / 25);
}

function stateSentence({path, state}: VerifierView, folder: DisplayText): DisplayText {
  const name = nameOf(path);
  switch (state.name) {
    case 'nothing':
      return say`Press ${spokenKeyOf('verify')} on a file to compare it, block by block, with its copy in ${folder}.`;
    case 'checking':
      return say`Comparing ${name} with its copy here, block by block.`;
    case 'absent':
      return say`There is no copy of ${name} in ${folder}. Press ${spokenKeyOf('download')} on it to download it, then ${spokenKeyOf('verify')}.`;
    case 'fetching':
      return say`${name} is being fetched, ${formatPercent(state.doneBytes, state.totalBytes)}.`;
    case 'verified':
      return say`${name} is the same as on the server now: every block was checked when it was fetched.`;
    case 'outdated':
      return state.isGone
        ? say`The copy of ${name} is gone since it was compared. Press ${spokenKeyOf('download')} on the file to fetch it.`
        : say`The copy of ${name} has changed. Press ${spokenKeyOf('verify')} to compare it.`;
    case 'failed':
      return say`${name} could not be verified: ${sentence(state.reason)} Press ${spokenKeyOf('verify')} to try again.`;
    case 'compared': {
      const {equal, localSize, remoteSize} = state.report;
      if (equal) {
        return say`${name} is the same here and there, ${formatBytes(remoteSize)}: every block agrees.`;
      }

      const sizes =
        localSize === remoteSize
          ? say``
          : say` ${formatBytes(localSize)} here, ${formatBytes(remoteSize)} there.`;
      return say`${name} differs: ${blockWords(state.report)}.${sizes} ${repairSentence(state.report)}`;
    }
  }
}

function blockWords({good, bad, missing}: Record<'good' | 'bad' | 'missing', number>): DisplayText {
  const parts = [
    say`${plural(good, 'block')} good`,
    ...(bad > 0 ? [say`${formatCount(bad)} bad`] : []),
    ...(missing > 0 ? [say`${formatCount(missing)} missing`] : []),
  ];
  return joinTexts(parts, say`, `);
}

function differenceNews(before: VerifierView, now: VerifierView): DisplayText[] {
  return now.difference === undefined || before.difference === now.difference
    ? []
    : [say`The first difference is at byte ${formatCount(now.difference)}.`];
}

function isSameHash(before: HashState, now: HashState): boolean {
  // The progress of hashing is not worth a sentence.
  return before === now || (before.name === 'hashing' && now.name === 'hashing');
}

function hashSentences(hash: HashState): DisplayText[] {
  switch (hash.name) {
    case 'none':
      return [];
    case 'hashing':
      return [say`Computing the ${hashNames[hash.algorithm]} of both files.`];
    case 'failed':
      return [say`No ${hashNames[hash.algorithm]}: ${sentence(hash.reason)}`];
    case 'hashedThere':
      return [
        say`The ${hashNames[hash.algorithm]} of the first ${plural(hash.length, 'byte')} there: ${displayName(hash.there)}. There is nothing here to compare.`,
      ];
    case 'hashed': {
      const {algorithm, localLength, remoteLength, here, there, equal} = hash;
      const name = hashNames[algorithm];
      return equal
        ? [
            say`The ${name} of the first ${plural(remoteLength, 'byte')} is the same here and there: ${displayName(here)}.`,
          ]
        : [
            say`The ${name} differs.`,
            say`Here, of ${plural(localLength, 'byte')}: ${displayName(here)}.`,
            say`There, of ${plural(remoteLength, 'byte')}: ${displayName(there)}.`,
          ];
    }
  }
}

function resultNews(
  before: VerifyListView | undefined,
  now: VerifyListView,
  isSameEntry: boolean,
): DisplayText[] {
  if (!isRunning(now)) {
    const isNew = before === undefined ? isSameEntry : isRunning(before);
    return isNew || (before !== undefined && before.repaired !== now.repaired)
      ? [resultsSentence(now)]
      : [];
  }

  if (before === undefined || !isRunning(before)) {
    return [say`Comparing many files with their copies here. ${spokenKeyOf('back')} stops.`];
  }

  const isFurther =
    now.state === 'running' &&
    before.state === 'running' &&
    quarterOf({doneBytes: now.doneBytes, totalBytes: now.bytes}) >
      quarterOf({doneBytes: before.doneBytes, totalBytes: before.bytes});
  return isFurther ? [say`${formatPercent(now.doneBytes, now.bytes)} compared.`] : [];
}

/** `Compared 12 files: 2 differ, 1 not here, 9 same. R repairs 2: fetches 5 MB.` */
function resultsSentence(view: VerifyListView): DisplayText {
  const {counts, repaired, doneFiles, state, failure, repairBytes} = view;
  const left = counts.differs - repaired;
  const parts = [
    ...(left > 0 ? [say`${formatCount(left)} ${left === 1 ? say`differs` : say`differ`}`] : []),
    ...(counts.failed > 0 ? [say`${formatCount(counts.failed)} not readable`] : []),
    ...(counts.absent > 0 ? [say`${formatCount(counts.absent)} not here`] : []),
    ...(counts.same + repaired > 0 ? [say`${formatCount(counts.same + repaired)} same`] : []),
  ];
  const numbers = parts.length === 0 ? say`` : say`: ${joinTexts(parts, say`, `)}`;
  const end =
    failure === undefined
      ? state === 'stopped'
        ? say` Stopped.`
        : say``
      : say` It ended: ${sentence(failure)}`;
  const step =
    left === 0 || isRunning(view)
      ? say``
      : left < counts.differs
        ? say` ${spokenKeyOf('repair')} repairs all that differ.`
        : say` ${spokenKeyOf('repair')} repairs ${formatCount(left)}: fetches ${formatBytes(repairBytes)}.`;
  return say`Compared ${plural(doneFiles, 'file')}${numbers}.${end}${step}`;
}

function rowSentence({row, now}: ListedRow): DisplayText {
  if (row.kind === 'failed') {
    return say`${row.label}, not compared: ${sentence(row.reason)}`;
  }

  switch (now?.name) {
    case 'fetching':
      return say`${row.label}, fetching, ${formatPercent(now.doneBytes, now.totalBytes)}.`;
    case 'verified':
      return say`${row.label}, same.`;
    case 'outdated':
      return say`${row.label}, ${now.isGone ? say`gone` : say`changed`} since.`;
    case 'compared':
      return say`${row.label}, ${now.report.equal ? say`same` : say`differs, ${blockWords(now.report)}`}.`;
    default:
      return say`${row.label}, ${kindWords[row.kind]}.`;
  }
}

const kindWords = {same: say`same`, differs: say`differs`, absent: say`not here`} as const;

function nameOf(path: RemotePath | undefined): DisplayText {
  return displayName(baseName(path ?? ''));
}
