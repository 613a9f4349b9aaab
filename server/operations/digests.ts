/**
 * Answers `digests`: sends known block digests at once; the store computes the others, and the index remembers them.
 */
import {blockCount} from '../../protocol/block.ts';
import {JangadaError} from '../../protocol/errors.ts';
import {encodeFrame, frameKinds} from '../../protocol/frame.ts';
import {type CheckedRequests, encodeAnswer} from '../../protocol/messages.ts';
import {type FileDigests, maxRootBlocks} from '../indexes/file-digests.ts';
import type {BlockSpan, StoredFile} from '../store/store.ts';
import {Bell} from '../waiting/bell.ts';
import {computeDigests} from './compute-digests.ts';
import type {Exchange, Operation} from './exchange.ts';
import {refuseChanged, refuseOtherVersion} from './refuse-changed.ts';
import {withFile} from './with-file.ts';

type DigestsRequest = CheckedRequests['digests'];

/** The most digests in one frame. */
const frameDigests = 4096;

/** The most blocks in one answer: 4 TiB. A root digest needs all digests at once, up to 128 MiB. */
const maxBlocks = maxRootBlocks;

export const digests: Operation<DigestsRequest> = (request, exchange) =>
  withFile(exchange, request.path, file => answer(request, file, exchange));

async function answer(request: DigestsRequest, file: StoredFile, exchange: Exchange) {
  refuseOtherVersion(request, file);
  const wanted = checkedSpan(request, file.size);
  const known = exchange.digests.for(file, request.algorithm);
  await sendWhileComputed({file, wanted, known}, exchange);
  await exchange.digests.saved();
  await refuseChanged(request.path, file);
  const {size, mtimeMs, version} = file;
  await exchange.output.send(encodeAnswer('end', {size, mtimeMs, version, root: known.root}));
}

function checkedSpan({from, to}: DigestsRequest, size: number): BlockSpan {
  const blocks = blockCount(size);
  const end = to ?? blocks;
  if (from > end || end > blocks) {
    throw new JangadaError(
      'bad_request',
      `The file has ${blocks} blocks, so ${from} to ${end} is out of range`,
    );
  }

  if ((from === end ? blocks : end - from) > maxBlocks) {
    throw new JangadaError('too_large', 'One request can ask for the digests of at most 4 TiB');
  }

  return {from, to: end};
}

type Work = {file: StoredFile; wanted: BlockSpan; known: FileDigests};

async function sendWhileComputed(work: Work, exchange: Exchange): Promise<void> {
  const bell = new Bell();
  // Stops the computation if sending fails.
  const stop = new AbortController();
  const {file, wanted, known} = work;
  // An empty range asks for the root digest, which needs all blocks.
  const span = wanted.from === wanted.to ? {from: 0, to: known.blocks} : wanted;
  const client = {
    peer: exchange.peer,
    signal: AbortSignal.any([exchange.signal, stop.signal]),
    computed(blocks: number) {
      exchange.counts.digests.computed += blocks;
      bell.ring();
    },
  };
  const computing = computeDigests(file, known, span, client);
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

/** Send digests as they become known; send progress frames when none becomes known for long. */
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
