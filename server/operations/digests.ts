/**
 * The digests of a file's blocks. What is known is sent at once, a worker computes the rest,
 * and what it found is remembered.
 */
import {blockCount} from '../../protocol/block.ts';
import {JangadaError} from '../../protocol/errors.ts';
import {encodeFrame, frameKinds} from '../../protocol/frame.ts';
import {type CheckedRequests, encodeAnswer} from '../../protocol/messages.ts';
import {type FileDigests, maxRootBlocks} from '../indexes/digest-index.ts';
import type {StoredFile} from '../store/store.ts';
import {Bell} from '../waiting/bell.ts';
import type {BlockSpan} from './block-spans.ts';
import type {Exchange, Operation} from './exchange.ts';
import {changed, refuseChanged, refuseOtherVersion} from './refuse-changed.ts';

type DigestsRequest = CheckedRequests['digests'];

/** Digests in one frame at most. */
const frameDigests = 4096;

/** Blocks in one answer: 4 TiB. A root digest needs as many at once at most, 128 MiB of them. */
const maxBlocks = maxRootBlocks;

export const digests: Operation<DigestsRequest> = async (request, exchange) => {
  const file = exchange.store.open(request.path);
  try {
    refuseOtherVersion(request, file);
    const wanted = checkedSpan(request, file.size);
    const known = exchange.digests.for(file, request.algorithm);
    await sendWhileComputed({request, file, wanted, known}, exchange);
    refuseChanged(request.path, file);
    const {size, version} = file;
    await exchange.output.send(encodeAnswer('end', {size, version, root: known.root}));
  } finally {
    file.close();
  }
};

function checkedSpan({from, to}: DigestsRequest, size: number): BlockSpan {
  const blocks = blockCount(size);
  const end = to ?? blocks;
  if (from > end || end > blocks) {
    throw new JangadaError(
      'bad_request',
      `The file has ${blocks} blocks: ${from} to ${end} is not among them`,
    );
  }

  if ((from === end ? blocks : end - from) > maxBlocks) {
    throw new JangadaError('too_large', 'One request gives digests of 4 TiB at most');
  }

  return {from, to: end};
}

type Work = {request: DigestsRequest; file: StoredFile; wanted: BlockSpan; known: FileDigests};

async function sendWhileComputed(work: Work, exchange: Exchange): Promise<void> {
  const bell = new Bell();
  // Stops the worker also when sending fails.
  const stop = new AbortController();
  const computing = compute(work, exchange, AbortSignal.any([exchange.signal, stop.signal]), bell);
  let state: 'running' | 'ended' = 'running';
  const ended = computing.finally(() => {
    state = 'ended';
    bell.ring();
  });
  ended.catch(() => {});
  try {
    await sendKnown(work, exchange, bell, () => state === 'ended');
  } finally {
    stop.abort();
    await ended;
  }
}

async function compute(
  {request, file, wanted, known}: Work,
  {hashPool, peer}: Exchange,
  signal: AbortSignal,
  bell: Bell,
): Promise<void> {
  // An empty range asks for the root digest, which takes all; any other only for itself.
  const span = wanted.from === wanted.to ? {from: 0, to: known.blocks} : wanted;
  const spans = [...unknownSpans(known, span)];
  if (spans.length === 0) {
    return;
  }

  const {descriptor, size} = file;
  const {algorithm} = request;
  const result = await hashPool.run(
    {kind: 'digests', descriptor, size, algorithm, spans},
    {
      peer,
      signal,
      progress({first = 0, digests = new Uint8Array()}) {
        known.setAll(first, digests);
        bell.ring();
      },
    },
  );
  if (result === 'short') {
    throw changed(request.path);
  }
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

/** Send digests as they become known, and signs of life where there are none for long. */
async function sendKnown(
  {wanted, known}: Work,
  {deadlines, output}: Exchange,
  bell: Bell,
  ended: () => boolean,
): Promise<void> {
  let sent = wanted.from;
  let sentAt = performance.now();
  for (;;) {
    const last = ended();
    const end = known.runEnd(sent, Math.min(wanted.to, sent + frameDigests));
    if (end > sent) {
      await output.send(encodeFrame(frameKinds.digests, known.slice(sent, end)));
      sent = end;
      sentAt = performance.now();
    } else if (last) {
      return;
    } else if (performance.now() - sentAt >= deadlines.progressMs) {
      await output.send(encodeAnswer('progress', {done: known.count, total: known.blocks}));
      sentAt = performance.now();
    } else {
      await bell.wait(deadlines.progressMs);
    }
  }
}
