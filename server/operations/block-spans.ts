/** Converts the ranges of a `get` to runs of whole blocks. */
import {blockCount, blockSize} from '../../protocol/block.ts';
import {JangadaError} from '../../protocol/errors.ts';
import {maxRanges} from '../../protocol/messages.ts';
import type {BlockSpan} from '../store/store.ts';

type Ranges = readonly (readonly [offset: number, length: number])[];

/**
 * The blocks of `ranges` (`[offset, length]` in bytes); without ranges, all blocks of the file.
 *
 * @param clip whether to cut ranges at the end of the file, for a client that does not know its size yet.
 * @throws JangadaError `bad_request` for too many ranges, and for ranges that are out of order, overlap, are not whole
 * blocks or, without `clip`, exceed the file.
 */
export function blockSpans(ranges: Ranges | undefined, size: number, clip = false): BlockSpan[] {
  if (ranges === undefined) {
    return [{from: 0, to: blockCount(size)}];
  }

  if (ranges.length > maxRanges) {
    throw new JangadaError('bad_request', `At most ${maxRanges} ranges fit into one request`);
  }

  let reached = 0;
  return (clip ? clipped(ranges, size) : ranges).map(([offset, length]) => {
    const end = offset + length;
    if (offset < reached || end > size) {
      const why = end > size ? 'ends past the end of the file' : 'overlaps another or goes back';
      throw new JangadaError('bad_request', `The range [${offset}, ${length}] ${why}`);
    }

    if (offset % blockSize !== 0 || (end % blockSize !== 0 && end !== size)) {
      throw new JangadaError(
        'bad_request',
        `The range [${offset}, ${length}] does not begin and end where blocks do`,
      );
    }

    reached = end;
    return {from: offset / blockSize, to: blockCount(end)};
  });
}

/** The parts of `ranges` within a file of `size` bytes. */
function clipped(ranges: Ranges, size: number): Ranges {
  return ranges
    .filter(([offset]) => offset < size)
    .map(([offset, length]) => [offset, Math.min(length, size - offset)]);
}

/** The numbers of all blocks in `spans`. */
export function* blocksIn(spans: readonly BlockSpan[]): Generator<number, void, void> {
  for (const {from, to} of spans) {
    for (let block = from; block < to; block++) {
      yield block;
    }
  }
}
