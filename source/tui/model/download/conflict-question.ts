/** The question about a download whose local file exists already, and its answers. */
import {type DisplayText, displayName} from '../../../../protocol/display-text.ts';
import {isNewer} from '../../../transfers/download/settle-conflict.ts';
import type {Conflict, ConflictPolicy} from '../../../transfers/queue/queue.ts';
import type {RemoteVersion} from '../../../transfers/terms/verdict.ts';
import {sizeBeside, timeBeside} from '../../text/exact.ts';
import {formatPercent, plural} from '../../text/format.ts';
import {say} from '../../text/say.ts';
import type {Question} from '../dialogs.ts';

/** The policy of each key of the question. */
export const policyKeys: Readonly<Record<string, ConflictPolicy>> = {
  r: 'resume',
  o: 'overwrite',
  w: 'newer',
  n: 'rename',
  s: 'skip',
};

type ConflictQuestion = Question & {readonly body: readonly DisplayText[]};

/**
 * @param there the server's file.
 * @param left files that exist already, including this one: one answer may be for all of them.
 */
export function conflictQuestion(
  conflict: Conflict,
  there: Pick<RemoteVersion, 'size' | 'mtimeMs'>,
  left: number,
): ConflictQuestion {
  const {size, mtimeMs: theirs} = there;
  const isNewerThere = isNewer(theirs, conflict.mtimeMs);
  const question: ConflictQuestion = {
    title: say`Here already: ${displayName(conflict.transfer.localPath)}`,
    body: [
      say`here   ${sizeBeside(conflict.size, size)}, ${timeBeside(conflict.mtimeMs, theirs)}`,
      say`there  ${sizeBeside(size, conflict.size)}, ${timeBeside(theirs, conflict.mtimeMs)}${isNewerThere ? say` (newer)` : say``}`,
    ],
    choices: [
      conflict.size < size
        ? {
            key: 'r',
            label: say`Resume`,
            detail: say`go on at ${formatPercent(conflict.size, size)}: equal blocks stay`,
          }
        : {
            key: 'r',
            label: say`Repair`,
            detail: say`fetch the blocks that differ, the others stay`,
          },
      {
        key: 'o',
        label: say`Overwrite`,
        detail: isNewerThere
          ? say`replace it with the newer file of the server`
          : isNewer(conflict.mtimeMs, theirs)
            ? say`replace it with the older file of the server`
            : say`replace it: fetch the whole file again`,
      },
      {
        key: 'n',
        label: say`New name`,
        detail: say`keep both: save as ${displayName(conflict.freeName)}`,
      },
      {
        key: 'w',
        label: say`If newer`,
        detail: isNewerThere
          ? say`replace: the file on the server is newer`
          : say`skip: the file on the server is not newer`,
      },
      {key: 's', label: say`Skip`, detail: say`keep the local file, fetch nothing`},
    ],
  };
  return left > 1
    ? {...question, forAll: say`the same answer for all ${plural(left, 'file')}`}
    : question;
}
