/**
 * Sends blocks of one open file.
 *
 *     file ──read──▶ buffer[48…] ──digest──▶ buffer[0…48) ──one write──▶ socket ──▶ buffer free
 *
 * While the server hashes one block, it reads the next one, if the connection's share of memory has a buffer for it. A
 * buffer is free again when the operating system has taken its bytes. A compressed block (server/compression/) replaces
 * the bytes of the block in the same buffer.
 */
import type {Buffer} from 'node:buffer';
import {blockLength, blockSize, digestOf} from '../../protocol/block.ts';
import {displayName} from '../../protocol/display-text.ts';
import {throwIfAborted} from '../../protocol/errors.ts';
import {blockHeaderSize, compressedHeaderSize, writeBlockHeader} from '../../protocol/frame.ts';
import {encodeAnswer} from '../../protocol/messages.ts';
import type {FileDigests} from '../indexes/file-digests.ts';
import type {BlockLease} from '../output/block-pool.ts';
import type {BlockSpan, StoredFile} from '../store/store.ts';
import {changed} from '../store/store-errors.ts';
import {withSignsOfLife} from '../waiting/signs-of-life.ts';
import {blocksIn} from './block-spans.ts';
import type {Exchange} from './exchange.ts';
import {refuseChanged} from './refuse-changed.ts';

type BlockSource = {
  path: string;
  file: StoredFile;
  spans: readonly BlockSpan[];
  /** The known digests; sending adds computed ones. */
  known: FileDigests;
  /** Whether blocks may be sent compressed. */
  compresses?: boolean;
  /** Whether the client accepts `progress` while a block arrives slowly from a distant store. */
  signs?: boolean | undefined;
};

type Loaded = {block: number; buffer: Buffer; length: number};

/**
 * Send all blocks of the spans. Resolves when the last one is queued.
 *
 * @throws JangadaError `changed`; `aborted` when the client has left or the server stops.
 */
export async function sendBlocks(source: BlockSource, exchange: Exchange): Promise<void> {
  const {blocks, signal} = exchange;
  using _sending = blocks.sending();
  const numbers = blocksIn(source.spans);
  let number = numbers.next();
  let ahead: Promise<Loaded> | undefined;
  try {
    while (!number.done) {
      throwIfAborted(signal);
      ahead ??= load(source, number.value, await blocks.wait(), blocks);
      const loaded = await withSigns(ahead, source, exchange);
      ahead = undefined;
      number = numbers.next();
      const spare = number.done || signal.aborted ? undefined : blocks.take();
      if (!number.done && spare !== undefined) {
        ahead = load(source, number.value, spare, blocks);
        // It is awaited in the next round or below; until then a rejection must not be unhandled.
        ahead.catch(() => {});
      }

      await sendBlock(source, loaded, exchange);
    }
  } finally {
    await ahead?.then(
      ({buffer}) => blocks.give(buffer),
      () => {},
    );
  }
}

/** Read a block into a buffer, after the room for its header. Frees the buffer if reading fails. */
async function load(
  {file, path}: BlockSource,
  block: number,
  buffer: Buffer,
  blocks: BlockLease,
): Promise<Loaded> {
  try {
    const length = blockLength(file.size, block);
    const bytes = buffer.subarray(blockHeaderSize, blockHeaderSize + length);
    if ((await file.read(bytes, block * blockSize)) < length) {
      throw changed(path);
    }

    return {block, buffer, length};
  } catch (error) {
    blocks.give(buffer);
    throw error;
  }
}

/**
 * The loaded block. While it arrives from a distant store, tell the client how many bytes this server has received: over a
 * slow network one block can take longer than a client waits in silence. A store that gives nothing is silent here, too.
 */
function withSigns(
  loading: Promise<Loaded>,
  {file, signs = false}: BlockSource,
  {deadlines, output}: Exchange,
): Promise<Loaded> {
  if (!signs || file.receivedBytes === undefined) {
    return loading;
  }

  let told = file.receivedBytes;
  return withSignsOfLife(loading, deadlines.progressMs, () => {
    const done = file.receivedBytes ?? 0;
    // A client to which bytes are still on the way hears enough.
    if (done === told || output.pending) {
      return undefined;
    }

    told = done;
    return output.queue(encodeAnswer('progress', {done}));
  });
}

async function sendBlock(
  {file, path, known, compresses = false}: BlockSource,
  {block, buffer, length}: Loaded,
  {blocks, output, compressor, counts, log, signal}: Exchange,
): Promise<void> {
  let handed = false;
  try {
    // The client may have lost its right to the block while the server waited for memory.
    throwIfAborted(signal);
    await refuseChanged(path, file);
    const bytes = buffer.subarray(blockHeaderSize, blockHeaderSize + length);
    let digest = known.getOwn(block);
    if (digest === undefined) {
      digest = digestOf(known.algorithm, bytes);
      if (known.get(block)?.equals(digest) === false) {
        log.write(
          'warn',
          {path: displayName(path), block},
          'a remembered digest was wrong: replaced',
        );
      }

      known.set(block, digest);
      counts.digests.computed++;
    } else {
      counts.digests.known++;
    }

    const room = buffer.subarray(compressedHeaderSize);
    const compressedLength = compresses
      ? await compressor.compress(bytes, room, signal)
      : undefined;
    writeBlockHeader(buffer, {offset: block * blockSize, digest, length, compressedLength});
    const end =
      compressedLength === undefined
        ? blockHeaderSize + length
        : compressedHeaderSize + compressedLength;
    handed = true;
    await output.queue(buffer.subarray(0, end), () => blocks.give(buffer));
  } finally {
    if (!handed) {
      blocks.give(buffer);
    }
  }
}
