import {type DisplayText, displayName} from '../../../../protocol/display-text.ts';
import type {RefusedName} from '../../../transfers/download/search.ts';
import {plural} from '../../text/format.ts';
import {joinTexts, say} from '../../text/say.ts';
import type {Plan} from './download-plan.ts';

/** Refused names that the message spells out. */
const mostNamed = 3;

/**
 * The outcome of a plan in one line: files that were queued, skipped and refused.
 *
 * @param queued files that were queued, of those in the plan.
 */
export function planSummary(plan: Plan, queued: number, folder: DisplayText): DisplayText {
  const skipped = plan.files.length - queued;
  const parts = [
    queued === 0 ? say`Nothing to queue.` : say`Queued ${plural(queued, 'file')} to ${folder}.`,
    ...(skipped > 0 ? [say`Skipped ${plural(skipped, 'file')}.`] : []),
    ...(plan.queuedAlready > 0
      ? [say`In the queue already: ${plural(plan.queuedAlready, 'file')}.`]
      : []),
    ...refusedParts(plan, 'protocol', count => say`Refused ${plural(count, 'bad name')}`),
    ...refusedParts(
      plan,
      'exists',
      count => say`Refused ${plural(count, 'file')}, another has that name here`,
    ),
  ];
  return joinTexts(parts, say` `);
}

function refusedParts(
  {refused}: Plan,
  code: RefusedName['code'],
  words: (count: number) => DisplayText,
): DisplayText[] {
  const {count, names} = refused[code];
  if (count === 0) {
    return [];
  }

  const shown = names.slice(0, mostNamed).map(name => displayName(name === '' ? "''" : name));
  const more = count - shown.length;
  const last = more > 0 ? [say`and ${more} more`] : [];
  return [say`${words(count)}: ${joinTexts([...shown, ...last], say`, `)}.`];
}
