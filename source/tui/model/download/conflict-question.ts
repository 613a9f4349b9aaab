/** The question about a file that would be saved where one is already, and its answers. */
import {displayName} from '../../../../protocol/display-text.ts';
import type {Conflict, ConflictPolicy} from '../../../transfers/queue/queue.ts';
import {formatBytes, formatTime, percentOf, plural} from '../../text/format.ts';
import {say} from '../../text/say.ts';
import type {Question} from '../dialogs.ts';
import type {Planned} from './download-plan.ts';

/** The policy that each key of the question stands for. */
export const policyKeys: Readonly<Record<string, ConflictPolicy>> = {
  r: 'resume',
  o: 'overwrite',
  w: 'newer',
  n: 'rename',
  s: 'skip',
};

/** @param left files that are here already, this one among them: one answer may be for all. */
export function conflictQuestion(
  conflict: Conflict,
  planned: Planned | undefined,
  left: number,
): Question {
  const {size = 0} = conflict.transfer;
  const theirs = planned === undefined ? 0 : planned.mtimeMs;
  const newer = theirs > conflict.mtimeMs;
  const question: Question = {
    title: say`Here already: ${displayName(conflict.transfer.localPath)}`,
    body: [
      say`here   ${formatBytes(conflict.size)}, ${formatTime(conflict.mtimeMs)}`,
      say`there  ${formatBytes(size)}, ${formatTime(theirs)}${newer ? say` (newer)` : say``}`,
    ],
    choices: [
      {
        key: 'r',
        label: say`Resume or repair`,
        detail: say`keep equal blocks (up to ${percentOf(
          Math.min(conflict.size, size),
          size,
        )} %), fetch the others`,
      },
      {
        key: 'o',
        label: say`Overwrite`,
        detail: newer
          ? say`fetch all of it, newer, and replace the one here`
          : say`fetch all of it and replace the one here`,
      },
      {
        key: 'n',
        label: say`Rename`,
        detail: say`keep the one here, save under a new name beside it`,
      },
      {
        key: 'w',
        label: say`Newer only`,
        detail: newer
          ? say`as overwrite: the one on the server is newer`
          : say`as skip: the one on the server is not newer`,
      },
      {key: 's', label: say`Skip`, detail: say`leave it as it is, do not download`},
    ],
  };
  return left > 1
    ? {...question, forAll: say`the same answer for all ${plural(left, 'file')}`}
    : question;
}
