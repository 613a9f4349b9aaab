/**
 * A file, block by block. Small files, which are asked for by the thousand, are answered in one
 * piece; see send-blocks.ts for the larger ones.
 */
import {Buffer} from 'node:buffer';
import {type DigestAlgorithm, digestOf, rootDigest} from '../../protocol/block.ts';
import {blockHeaderSize, writeBlockHeader} from '../../protocol/frame.ts';
import {type CheckedRequests, encodeAnswer} from '../../protocol/messages.ts';
import {canCompress} from '../compression/compress-block.ts';
import type {BlockSpan, StoredFile} from '../store/store.ts';
import {changed} from '../store/store-errors.ts';
import {type Awaitable, andThen} from '../waiting/awaitable.ts';
import {blockSpans} from './block-spans.ts';
import type {Exchange, Operation} from './exchange.ts';
import {refuseChanged, refuseOtherVersion} from './refuse-changed.ts';
import {sendBlocks} from './send-blocks.ts';
import {withFile} from './with-file.ts';

type GetRequest = CheckedRequests['get'];

/** Bytes of the largest file that is answered in one piece. */
const smallFile = 65_536;

/** Bytes of a file, or of ranges of it, with the digests of its blocks. */
export const get: Operation<GetRequest> = (request, exchange) =>
  andThen(
    withFile(exchange.store, request.path, file => readOrSend(request, file, exchange)),
    whole => (whole === undefined ? undefined : exchange.output.send(whole)),
  );

/** The whole answer for a small file, to be sent once the file is closed; a larger one is sent here. */
function readOrSend(
  request: GetRequest,
  file: StoredFile,
  exchange: Exchange,
): Awaitable<Buffer | undefined> {
  refuseOtherVersion(request, file);
  const spans = blockSpans(request.ranges, file.size, request.clip);
  return file.size <= smallFile
    ? readSmall(request, file, spans)
    : sendLarge(request, file, spans, exchange);
}

/** The answer in memory of exactly its size. */
function readSmall(
  request: GetRequest,
  file: StoredFile,
  spans: readonly BlockSpan[],
): Awaitable<Buffer> {
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
  return andThen(file.read(bytes, 0), count => {
    if (count < file.size) {
      throw changed(path);
    }

    return andThen(refuseChanged(path, file), () => {
      const digest = digestOf(algorithm, bytes);
      writeBlockHeader(answer.subarray(begin.length), {offset: 0, digest, length: file.size});
      const root = rootDigest(algorithm, digest).toString('hex');
      const end = encodeAnswer('end', {version: file.version, root});
      return answer.subarray(0, blockEnd + end.copy(answer, blockEnd));
    });
  });
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
): Promise<undefined> {
  const {output, digests, compressor} = exchange;
  const {path, compress = []} = request;
  const known = digests.for(file, request.algorithm);
  const compresses = canCompress && compress.includes('zstd');
  if (compresses) {
    compressor.begin(`${path}\n${file.version}`);
  }

  file.willRead?.(spans);
  await output.queue(fileFrame(file));
  await sendBlocks({path, file, spans, known, compresses}, exchange);
  const {root} = known;
  if (root === undefined) {
    // Nothing or another server has the other digests, and the next one needs those of this answer.
    await digests.saved();
  }

  await output.queue(encodeAnswer('end', {version: file.version, root}));
}

function fileFrame({size, mtimeMs, version}: StoredFile): Buffer {
  return encodeAnswer('file', {size, mtimeMs, version});
}
