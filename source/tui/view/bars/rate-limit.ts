import type {DisplayText} from '../../../../protocol/display-text.ts';
import type {QueueTotals} from '../../../transfers/queue/queue.ts';
import {formatSpeed} from '../../text/format.ts';
import {say} from '../../text/say.ts';

/** Width from which the header has room for the limit. */
const headerFrom = 90;

/** The speed limit, if there is one and a header of that width shows it. */
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
