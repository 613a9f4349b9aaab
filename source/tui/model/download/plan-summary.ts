import {type DisplayText, displayName} from '../../../../protocol/display-text.ts';
import {plural} from '../../text/format.ts';
import {joinTexts, say} from '../../text/say.ts';
import type {Named, Plan} from './download-plan.ts';

/** Most names of one kind in the message. */
const mostNamed = 3;

/**
 * The outcome of a plan in one line: files that were queued, skipped and refused, and places that were not searched.
 *
 * @param queued number of files in the plan that were queued.
 */
export function planSummary(plan: Plan, queued: number, folder: DisplayText): DisplayText {
  const skipped = plan.files.length - queued;
  const parts = [
    queued === 0 ? say`Nothing to queue.` : say`Queued ${plural(queued, 'file')} to ${folder}.`,
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

function namedParts({count, names}: Named, words: (count: number) => DisplayText): DisplayText[] {
  if (count === 0) {
    return [];
  }

  const shown = names.slice(0, mostNamed).map(name => displayName(name === '' ? "''" : name));
  const more = count - shown.length;
  const last = more > 0 ? [say`and ${more} more`] : [];
  return [say`${words(count)}: ${joinTexts([...shown, ...last], say`, `)}.`];
}
