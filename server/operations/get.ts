/**
 * Answers `get`: a file, block by block. A small file is one piece, because clients ask for thousands of them;
 * send-blocks.ts sends larger ones.
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

/** Size of the largest file that is sent in one piece. */
const smallFile = 65_536;

/** Sends the blocks of a file, or of ranges of it, with their digests. */
export const get: Operation<GetRequest> = (request, exchange) =>
  andThen(
    withFile(exchange, request.path, file => readOrSend(request, file, exchange)),
    whole => (whole === undefined ? undefined : exchange.output.send(whole)),
  );

/** Give the whole answer for a small file, which the caller sends after closing the file; send a larger file here. */
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

/** The whole answer, in a buffer of exactly its size. */
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
  // Only the version makes the length of the end vary: make room for the longest one.
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

/** The most bytes of the `end` of a `get`: a version of 64 characters, a root of 64. */
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
  const {path, compress = [], progress: signs} = request;
  const known = digests.for(file, request.algorithm);
  const compresses = canCompress && compress.includes('zstd');
  if (compresses) {
    compressor.begin(`${path}\n${file.version}`);
  }

  file.willRead?.(spans);
  await output.queue(fileFrame(file));
  await sendBlocks({path, file, spans, known, compresses, signs}, exchange);
  const {root} = known;
  if (root === undefined) {
    // The client may ask another server next, which needs the digests of this answer.
    await digests.saved();
  }

  await output.queue(encodeAnswer('end', {version: file.version, root}));
}

function fileFrame({size, mtimeMs, version}: StoredFile): Buffer {
  return encodeAnswer('file', {size, mtimeMs, version});
}
