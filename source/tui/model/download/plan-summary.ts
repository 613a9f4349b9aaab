import {join} from 'node:path';
import {type DisplayText, displayName} from '../../../../protocol/display-text.ts';
import {baseName} from '../../../../protocol/remote-path.ts';
import type {NewTransfer} from '../../../transfers/queue/queue.ts';
import {commonFolder} from '../../../transfers/terms/common-folder.ts';
import {plural} from '../../text/format.ts';
import {shortFolder} from '../../text/home.ts';
import {joinTexts, say} from '../../text/say.ts';
import type {Named, Plan} from './download-plan.ts';

/** Most names of one kind in the message. */
const mostNamed = 3;

/** The files of a plan that are not skipped: those to queue, and those that are here already, with the same content. */
export type SettledFiles = {
  readonly queued: readonly NewTransfer[];
  readonly same: readonly NewTransfer[];
};

/**
 * The outcome of a plan in one line: files that were queued, are here already, were skipped and refused, and places that
 * were not searched.
 */
export function planSummary(plan: Plan, {queued, same}: SettledFiles): DisplayText {
  const skipped = plan.files.length - queued.length - same.length;
  const parts = [
    ...queuedParts(queued),
    ...sameParts(same, queued.length === 0),
    ...(queued.length + same.length === 0 ? [say`Nothing to queue.`] : []),
    ...(skipped > 0 ? [say`Skipped ${plural(skipped, 'file')}.`] : []),
    ...(plan.queuedAlready > 0
      ? [say`In the queue already: ${plural(plan.queuedAlready, 'file')}.`]
      : []),
    ...namedParts(
      plan.unsearched,
      count => say`The server could not search ${plural(count, 'place')}`,
    ),
    ...namedParts(plan.refused.protocol, count => say`Refused ${plural(count, 'bad name')}`),
    ...namedParts(
      plan.refused.exists,
      count => say`Refused ${plural(count, 'file')}: another file has that name here`,
    ),
  ];
  return joinTexts(parts, say` `);
}

/** What is queued, and the folder where all of it will be. */
function queuedParts(queued: readonly NewTransfer[]): DisplayText[] {
  const [first] = queued;
  if (first === undefined) {
    return [];
  }

  // Of a million files only a few folders.
  const below = new Set(queued.map(({localPath}) => folderIn(localPath)));
  const folders = Array.from(below, path => join(first.folder, path));
  const where = shortFolder(folders.reduce(commonFolder));
  const what =
    queued.length === 1 ? displayName(baseName(first.localPath)) : plural(queued.length, 'file');
  return [
    say`Queued ${what} to ${where}${folders.length > 1 ? say`, with their folders` : say``}.`,
  ];
}

/** The folder part of a local path, which is `/`-separated. */
function folderIn(localPath: string): string {
  return localPath.slice(0, Math.max(0, localPath.lastIndexOf('/')));
}

/** @param isAll whether no other file has to be downloaded. */
function sameParts(same: readonly NewTransfer[], isAll: boolean): DisplayText[] {
  const [first] = same;
  if (first === undefined) {
    return [];
  }

  if (!isAll) {
    return [say`Here already, and the same: ${plural(same.length, 'file')}.`];
  }

  const those =
    same.length === 1
      ? say`${displayName(baseName(first.remotePath))} is`
      : say`${plural(same.length, 'file')} are`;
  return [say`${those} here already, and the same: nothing to download.`];
}

function namedParts({count, names}: Named, words: (count: number) => DisplayText): DisplayText[] {
  if (count === 0) {
    return [];
  }

  const shown = names.slice(0, mostNamed).map(name => displayName(name === '' ? "''" : name));
  const more = count - shown.length;
  const last = more > 0 ? [say`and ${more} more`] : [];
  return [say`${words(count)}: ${joinTexts([...shown, ...last], say`, `)}.`];
}
