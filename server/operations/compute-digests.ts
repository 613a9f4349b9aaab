import type {FileDigests} from '../indexes/digest-index.ts';
import type {BlockSpan, LongWorkClient, StoredFile} from '../store/store.ts';

/**
 * Have the store compute the digests of the blocks in `span` that are not among the `known` ones, which they
 * then are.
 *
 * @param client.computed is told how many blocks are new.
 * @throws JangadaError as `StoredFile.digests` does.
 */
export async function computeDigests(
  file: StoredFile,
  known: FileDigests,
  span: BlockSpan,
  {computed, ...client}: LongWorkClient & {computed(blocks: number): void},
): Promise<void> {
  const spans = [...unknownSpans(known, span)];
  if (spans.length === 0) {
    return;
  }

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

function* unknownSpans(known: FileDigests, {from, to}: BlockSpan): Generator<BlockSpan> {
  // Known as a whole: the most frequent case, and the longest to look through.
  const first = known.count === known.blocks ? to : known.runEnd(from, to);
  for (let block = first; block < to; ) {
    const end = known.gapEnd(block, to);
    yield {from: block, to: end};
    block = known.runEnd(end, to);
  }
}
