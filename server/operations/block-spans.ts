/** Ranges of a `get` as runs of whole blocks. */
import {blockCount, blockSize} from '../../protocol/block.ts';
import {JangadaError} from '../../protocol/errors.ts';
import {maxRanges} from '../../protocol/messages.ts';
import type {BlockSpan} from '../store/store.ts';

type Ranges = readonly (readonly [offset: number, length: number])[];

/**
 * The blocks of `ranges` (`[offset, length]` in bytes), of all of the file without any.
 *
 * @param clip whether ranges end where the file does, for a client that does not know its size yet.
 * @throws JangadaError `bad_request` for ranges that are too many, out of order, overlapping, not of whole
 * blocks or, without `clip`, past the end.
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
      throw new JangadaError('bad_request', `The range [${offset}, ${length}] cuts a block`);
    }

    reached = end;
    return {from: offset / blockSize, to: blockCount(end)};
  });
}

/** The parts of `ranges` that lie in a file of `size` bytes. */
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
