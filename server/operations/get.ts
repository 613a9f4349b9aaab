/**
 * A file, block by block. Small files, of which thousands may be asked for in a row, are read
 * and sent in one step; see send-blocks.ts for the larger ones.
 */
import {Buffer} from 'node:buffer';
import {readSync} from 'node:fs';
import {type DigestAlgorithm, digestOf, rootDigest} from '../../protocol/block.ts';
import {blockHeaderSize, writeBlockHeader} from '../../protocol/frame.ts';
import {type CheckedRequests, encodeAnswer} from '../../protocol/messages.ts';
import type {StoredFile} from '../store/store.ts';
import {type BlockSpan, blockSpans} from './block-spans.ts';
import type {Exchange, Operation} from './exchange.ts';
import {changed, refuseChanged, refuseOtherVersion} from './refuse-changed.ts';
import {sendBlocks} from './send-blocks.ts';

type GetRequest = CheckedRequests['get'];

/** Up to this size a file is read in one synchronous step, in bytes. */
const smallFile = 65_536;

/** Bytes of a file, or of ranges of it, with the digests of its blocks. */
export const get: Operation<GetRequest> = (request, exchange) => {
  const file = exchange.store.open(request.path);
  let sending: Promise<void> | undefined;
  try {
    refuseOtherVersion(request, file);
    const spans = blockSpans(request.ranges, file.size);
    if (file.size <= smallFile) {
      return exchange.output.send(readSmall(request, file, spans));
    }

    sending = sendLarge(request, file, spans, exchange);
  } finally {
    if (sending === undefined) {
      file.close();
    }
  }

  return sending.finally(() => file.close());
};

/** The whole answer for a small file, in memory of exactly its size. */
function readSmall(request: GetRequest, file: StoredFile, spans: readonly BlockSpan[]): Buffer {
  const {algorithm, path} = request;
  const begin = fileFrame(file);
  if (!spans.some(({from, to}) => from < to)) {
    const root = file.size === 0 ? emptyRoot(algorithm) : undefined;
    return Buffer.concat([begin, encodeAnswer('end', {version: file.version, root})]);
  }

  const blockEnd = begin.length + blockHeaderSize + file.size;
  // The end has a fixed length but for the version: make room for the longest.
  const answer = Buffer.allocUnsafe(blockEnd + endRoom);
  begin.copy(answer);
  const bytes = answer.subarray(begin.length + blockHeaderSize, blockEnd);
  if (readSync(file.descriptor, bytes, 0, file.size, 0) < file.size) {
    throw changed(path);
  }

  refuseChanged(path, file);
  const digest = digestOf(algorithm, bytes);
  writeBlockHeader(answer.subarray(begin.length), {offset: 0, digest, length: file.size});
  const root = rootDigest(algorithm, digest).toString('hex');
  const end = encodeAnswer('end', {version: file.version, root});
  return answer.subarray(0, blockEnd + end.copy(answer, blockEnd));
}

/** Bytes that no `end` of a `get` exceeds: a version of 64 characters, a root of 64. */
const endRoom = 256;

function emptyRoot(algorithm: DigestAlgorithm): string {
  return rootDigest(algorithm, Buffer.alloc(0)).toString('hex');
}

async function sendLarge(
  request: GetRequest,
  file: StoredFile,
  spans: readonly BlockSpan[],
  exchange: Exchange,
): Promise<void> {
  const {output, digests} = exchange;
  const known = digests.for(file, request.algorithm);
  await output.queue(fileFrame(file));
  await sendBlocks({path: request.path, file, spans, known}, exchange);
  const {root} = known;
  await output.queue(encodeAnswer('end', {version: file.version, root}));
}

function fileFrame({size, mtimeMs, version}: StoredFile): Buffer {
  return encodeAnswer('file', {size, mtimeMs, version});
}
