import type {DisplayText} from '../../../../protocol/display-text.ts';
import type {QueueTotals} from '../../../transfers/queue/queue.ts';
import {formatSpeed} from '../../text/format.ts';
import {say} from '../../text/say.ts';

/** Columns from which the header has room for the limit. */
const headerFrom = 90;

/** The limit of the speed, if there is one, and if on a screen of that width it is shown there. */
export function rateLimit(
  {limits: {bytesPerSecond}}: QueueTotals,
  columns: number,
  place: 'header' | 'transfers',
): DisplayText | undefined {
  const here = columns >= headerFrom ? 'header' : 'transfers';
  return bytesPerSecond === undefined || here !== place
    ? undefined
    : say`limit ${formatSpeed(bytesPerSecond)}`;
}
