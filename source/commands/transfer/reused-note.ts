import {formatSize} from '../format.ts';

/**
 * A note on the bytes of a download that were not fetched: ` (300 MB reused, 1.9 GB copied from the seed)`, or an empty
 * text.
 *
 * @param reusedBytes bytes that were not fetched; `copiedBytes` of them came from the seed.
 */
export function reusedNote(row: {reusedBytes: number; copiedBytes: number}): string {
  const {reusedBytes, copiedBytes} = row;
  const wasHere = reusedBytes - copiedBytes;
  const parts = [
    ...(wasHere > 0 ? [`${formatSize(wasHere)} reused`] : []),
    ...(copiedBytes > 0 ? [`${formatSize(copiedBytes)} copied from the seed`] : []),
  ];
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`;
}
