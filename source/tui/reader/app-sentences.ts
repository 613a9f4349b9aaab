/**
 * The interface of one server as sentences: a pure function from two successive views to the changes between them. This
 * file keeps no state, and waits for nothing.
 */
import {type DisplayText, displayName} from '../../../protocol/display-text.ts';
import {bindings} from '../keys/keymap.ts';
import type {AppView} from '../model/app.ts';
import {type Pane, panes} from '../model/layout.ts';
import {say, sentence} from '../text/say.ts';
import {detailsSentences, previewSentences} from './details-sentences.ts';
import {currentSentences, filesSentences, folderSentences} from './files-sentences.ts';
import {helpEnd, helpPlace, helpSearchSentences} from './help-sentences.ts';
import {
  dialogPlace,
  dialogSentences,
  keySentence,
  messageSentences,
  promptSentences,
} from './question-sentences.ts';
import {
  queueSentence,
  type TransferNews,
  transferNews,
  transferSentence,
} from './transfer-sentences.ts';
import {resultRow, verifierPlace, verifierSentences} from './verifier-sentences.ts';

/** All sentences about a server that has just been opened. */
export function openedSentences(now: AppView): DisplayText[] {
  return [
    ...messageSentences(undefined, now.message),
    ...linkSentences(undefined, now),
    ...folderSentences(now),
    ...coverSentences(undefined, now),
  ];
}

/** Changes that the user waits for, or has to know at once. */
export function appSentences(before: AppView, now: AppView): DisplayText[] {
  // The progress of a count is told by messages.
  const isCounting = before.counting !== undefined && now.counting !== undefined;
  const first = [
    ...(isCounting ? [] : messageSentences(before.message, now.message)),
    ...linkSentences(before, now),
  ];
  if (isCovered(now)) {
    return [...first, ...coverSentences(before, now)];
  }

  const verifier = verifierSentences(before, now, isSameEntry(before, now));
  if (before.focus !== now.focus) {
    return [...first, ...verifier, ...paneSentences(now)];
  }

  return [...first, ...changesIn(now.focus, before, now), ...verifier];
}

/** Changes that go on by themselves: the caller pauses between them. */
export function appNews(before: AppView, now: AppView): TransferNews {
  return transferNews(before.transfers, now.transfers);
}

/** The place of the focus, in a sentence or two. */
export function placeSentences(now: AppView): DisplayText[] {
  if (now.dialog !== undefined) {
    return dialogPlace(now.dialog);
  }

  if (now.prompt !== undefined) {
    return promptSentences(undefined, now.prompt);
  }

  if (now.help !== undefined) {
    return [helpPlace(now.help)];
  }

  switch (now.focus) {
    case 'files':
      return currentSentences(now);
    case 'verifier':
      return now.results === undefined ? rightPane(now) : resultRow(now.results);
    case 'transfers':
      return transferRow(now);
  }
}

function isCovered({dialog, prompt, help}: AppView): boolean {
  return dialog !== undefined || prompt !== undefined || help !== undefined;
}

function coverSentences(before: AppView | undefined, now: AppView): DisplayText[] {
  if (now.dialog !== undefined) {
    return dialogSentences(before?.dialog, now.dialog);
  }

  if (now.prompt !== undefined) {
    return [...promptSentences(before?.prompt, now.prompt), ...helpSearchSentences(before, now)];
  }

  return now.help !== undefined && before?.help === undefined
    ? helpSentences()
    : helpSearchSentences(before, now);
}

/** Every key, by pane, one on each line. */
function helpSentences(): DisplayText[] {
  const of = (pane: Pane | undefined): DisplayText[] =>
    bindings.filter(binding => binding.pane === pane).map(keySentence);
  return [
    say`Keys in every pane.`,
    ...of(undefined),
    ...panes.flatMap(pane => [say`Keys in ${paneNames[pane]}.`, ...of(pane)]),
    helpEnd(),
  ];
}

const paneNames: Readonly<Record<Pane, DisplayText>> = {
  files: say`pane 1, Files`,
  verifier: say`pane 2, Verifier`,
  transfers: say`pane 3, Transfers`,
};

function linkSentences(before: AppView | undefined, {link}: AppView): DisplayText[] {
  const was = before?.link.name;
  if (link.name === 'waiting' && was !== 'waiting') {
    return [
      say`No connection: ${sentence(displayName(link.reason))} jangada tries again until the server is back.`,
    ];
  }

  return link.name === 'connected' && was === 'waiting' ? [say`Connected again.`] : [];
}

/** `Pane 3, Transfers: 3 done, 3 running, 4 waiting.`, and the row under the cursor. */
function paneSentences(now: AppView): DisplayText[] {
  switch (now.focus) {
    case 'files':
      return [say`Pane 1, Files.`, ...folderSentences(now)];
    case 'verifier':
      return rightPane(now);
    case 'transfers':
      return [
        say`Pane 3, Transfers, saved in ${now.folder}: ${queueSentence(now.transfers)}`,
        ...transferRow(now),
      ];
  }
}

function rightPane(now: AppView): DisplayText[] {
  return now.details === undefined || now.results !== undefined
    ? [say`Pane 2, Verifier.`, ...verifierPlace(now)]
    : [say`Pane 2, Details.`, ...detailsSentences(now.details)];
}

function transferRow(now: AppView): DisplayText[] {
  const row = transferSentence(now);
  return row === undefined ? [] : [row];
}

/** The changes in the focused pane, and those in the files pane, whichever pane has the focus. */
function changesIn(pane: Pane, before: AppView, now: AppView): DisplayText[] {
  const preview = previewSentences(before.details, now.details);
  switch (pane) {
    case 'files':
      return [...filesSentences(before, now), ...preview];
    case 'verifier':
      return [...preview, ...(isSameResult(before, now) ? [] : placeSentences(now))];
    case 'transfers':
      return isSameTransfer(before, now) ? [] : transferRow(now);
  }
}

/** Whether the cursor of the files has stayed: the right pane shows the entry under it. */
function isSameEntry({files: before}: AppView, {files: now}: AppView): boolean {
  const pathOf = ({rows, cursor}: AppView['files']) => {
    const row = rows[cursor];
    return typeof row === 'object' ? row.path : row;
  };
  return before.path === now.path && pathOf(before) === pathOf(now);
}

function isSameResult({results: before}: AppView, {results: now}: AppView): boolean {
  const labelOf = (view: AppView['results']) => view?.rows[view.cursor]?.row.label;
  return now === undefined || before === undefined || labelOf(before) === labelOf(now);
}

function isSameTransfer({transfers: before}: AppView, {transfers: now}: AppView): boolean {
  return before.rows[before.cursor]?.id === now.rows[now.cursor]?.id;
}
