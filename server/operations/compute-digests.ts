import {throwIfAborted} from '../../protocol/errors.ts';
import type {FileDigests} from '../indexes/file-digests.ts';
import type {BlockSpan, LongWorkClient, StoredFile} from '../store/store.ts';

/**
 * Complete the `known` digests for all blocks in `span`. Loads each section from the shelf first, because another server
 * may have computed it just now; the store computes the rest.
 *
 * @param client.computed called with the number of newly computed blocks.
 * @throws JangadaError as `StoredFile.digests` does.
 */
export async function computeDigests(
  file: StoredFile,
  known: FileDigests,
  span: BlockSpan,
  {computed, ...client}: LongWorkClient & {computed(blocks: number): void},
): Promise<void> {
  // All digests known: the most frequent case, and the slowest to check block by block.
  const whole = {from: known.count === known.blocks ? span.to : span.from, to: span.to};
  for (const section of known.sectionsOf(whole)) {
    const unknown = known.runEnd(section.from, section.to);
    if (unknown < section.to) {
      throwIfAborted(client.signal);
      const before = known.count;
      await known.recall(unknown);
      computed(known.count - before);
    }

    const spans = [...unknownSpans(known, section)];
    if (spans.length > 0) {
      await file.digests(
        {algorithm: known.algorithm, spans},
        {
          ...client,
          computed(first, digests) {
            const before = known.count;
            known.setAll(first, digests);
            computed(known.count - before);
          },
        },
      );
    }
  }
}

function* unknownSpans(known: FileDigests, {from, to}: BlockSpan): Generator<BlockSpan> {
  for (let block = known.runEnd(from, to); block < to; ) {
    const end = known.gapEnd(block, to);
    yield {from: block, to: end};
    block = known.runEnd(end, to);
  }
}
