/** Asks about local files that exist: one question for each file, or one answer for all the rest. */
import {createInterface} from 'node:readline';
import {displayName} from '../../../protocol/display-text.ts';
import {aborted, JangadaError, throwIfAborted} from '../../../protocol/errors.ts';
import type {Conflict, ConflictPolicy} from '../../transfers/queue/queue.ts';
import {formatSize, formatTime} from '../format.ts';
import type {CommandOutput} from '../results/output.ts';

export type ConflictAnswer = Exclude<ConflictPolicy, 'fail'>;

const answers: Readonly<Record<string, ConflictAnswer>> = {
  r: 'resume',
  o: 'overwrite',
  w: 'newer',
  n: 'rename',
  s: 'skip',
};

const explanation = [
  '  r  resume: keep the blocks that are equal, fetch the others',
  '  o  overwrite: replace it when the new one is complete',
  '  w  newer: replace it only if the one on the server is newer',
  '  n  rename: keep it, save the new one under a free name',
  '  s  skip: leave it, fetch nothing',
];

const forTheRest = '  A capital letter answers for all the rest.';

/**
 * Ask about each conflict. @returns an answer for each, in order.
 *
 * @throws JangadaError `exists` if the input ends without an answer, `aborted`.
 */
export async function askAboutConflicts(
  conflicts: readonly Conflict[],
  output: CommandOutput,
  input: NodeJS.ReadableStream & {readonly readableEnded: boolean},
  signal: AbortSignal,
): Promise<ConflictAnswer[]> {
  throwIfAborted(signal);
  // Lines are read, not keys: Ctrl-C stays a signal.
  const lines = createInterface({input, terminal: false});
  const stop = () => lines.close();
  signal.addEventListener('abort', stop);
  const reader = lines[Symbol.asyncIterator]();
  if (input.readableEnded) {
    // An earlier question has read the end, and the stream does not report it again.
    lines.close();
  }

  try {
    const shown = conflicts.length > 1 ? [...explanation, forTheRest] : explanation;
    output.prompt(`${shown.join('\n')}\n`);
    const given: ConflictAnswer[] = [];
    let forAll: ConflictAnswer | undefined;
    for (const conflict of conflicts) {
      let answer = forAll;
      while (answer === undefined) {
        output.prompt(questionFor(conflict));
        const {value, done} = await reader.next();
        if (done === true) {
          output.prompt('\n');
          throw signal.aborted
            ? aborted()
            : new JangadaError('exists', 'No answer was given: no file was changed');
        }

        const letter = String(value).trim();
        answer = answers[letter.toLowerCase()];
        forAll = /^[A-Z]$/.test(letter) ? answer : undefined;
      }

      given.push(answer);
    }

    return given;
  } finally {
    signal.removeEventListener('abort', stop);
    lines.close();
  }
}

function questionFor({transfer, size, mtimeMs}: Conflict): string {
  const there = transfer.size === undefined ? '' : `, there: ${formatSize(transfer.size)}`;
  return (
    `${displayName(transfer.localPath)} exists (here: ${formatSize(size)}, ` +
    `${formatTime(mtimeMs)}${there}). r, o, w, n or s? `
  );
}
