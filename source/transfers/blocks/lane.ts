/**
 * One connection that fetches blocks of one file. A lane takes spans from the plan, in order, and keeps two requests
 * pending, so that the next span is on its way while this one arrives. It requests four blocks at first, later as many
 * as arrive in about a second, but at least two. While it is unknown whether compression pays, it requests one block,
 * and more when that is known or the block has arrived. A block is passed on only if its digest is right; a wrong
 * digest closes the connection.
 */
import type {Buffer} from 'node:buffer';
import {
  blockLength,
  blockSize,
  type DigestAlgorithm,
  digestOf,
  digestSize,
} from '../../../protocol/block.ts';
import {JangadaError} from '../../../protocol/errors.ts';
import {type BlockHeader, frameKinds} from '../../../protocol/frame.ts';
import {answerSchemas, decodePayload} from '../../../protocol/messages.ts';
import type {AnswerReceiver} from '../../client/connection/answer-queue.ts';
import type {CompressionChoice} from '../../client/connection/compression/compression-choice.ts';
import type {Connection} from '../../client/connection/connection.ts';
import {BlockMemory, type ReceiveBuffers} from '../../client/connection/receive-buffers.ts';
import type {HeadStart} from '../../client/early/head-start.ts';
import type {BlockPlan, Span} from './block-plan.ts';
import type {Ending} from './ending.ts';
import type {FileProgress} from './file-progress.ts';
import type {Pace} from './pace.ts';
import type {BlockJob} from './remote-blocks.ts';

const mostBlocksPerSpan = 16;
const mostRequestsAhead = 2;

type LaneJob = Omit<BlockJob, 'partial' | 'plan' | 'progress'> & {
  /** Decides which blocks to request. */
  plan: Pick<BlockPlan, 'size' | 'next' | 'range' | 'giveBack'>;
  progress: Pick<FileProgress, 'received' | 'lost'>;
  pace: Pace;
  blocks: ReceiveBuffers;
  /** The round trip to the server; 0 if it is not known. */
  roundTripMs: number;
  /** The first blocks of the file, already on their way over this connection. */
  headStart?: HeadStart | undefined;
  /** Once the ending has begun, the lane requests no more; pending requests complete if there is time. */
  ending: Ending;
  /** Decides whether to request compressed blocks. */
  compression: CompressionChoice;
  /** Whether this lane should request more blocks. */
  wanted(): boolean;
  /** Called with a verified block. The callee must give `memory` back to the pool. */
  onBlock(index: number, digest: Buffer, memory: Buffer, length: number): void;
  /** Called with the root digest in hex when the server sends it. */
  onRoot(root: string): void;
};

/** From this round trip on (milliseconds), the lane does not wait for one trial block. */
const longWayMs = 20;

/**
 * Fetch until the plan has no more blocks to request, or the lane is no longer wanted. The lane may end while requests
 * are pending: then the connection is closed.
 *
 * @throws JangadaError `changed`, `digest_mismatch`, `unexpected`, `connection_lost`, any error of the server. Blocks
 * that were requested and did not arrive are given back to the plan.
 */
export function runLane(connection: Connection, job: LaneJob): Promise<void> {
  return new Promise((resolve, reject) => {
    const {pace} = job;
    const requestsAhead = Math.min(mostRequestsAhead, connection.pipelined);
    let ahead = 0;
    let hasCome = false;
    // Compression may be requested before the greeting: a server that does not know it ignores the field.
    const compression = () => (connection.can('zstd') === false ? undefined : job.compression);
    // A single pending block leaves a long link idle, whatever the address suggests.
    const isTrying = () =>
      compression()?.isOpen === true && !hasCome && job.roundTripMs < longWayMs;
    const hasRoom = () =>
      ahead === 0 || (ahead < requestsAhead && pace.outstanding < pace.bytesAhead && !isTrying());
    const receiver = (span: Span, takesCompressed = false) => {
      let wasTrying = isTrying();
      ahead++;
      pace.asked(job.plan.range(span)[1]);
      return receiveSpan(connection, job, span, {
        takesCompressed,
        landed() {
          if (wasTrying && !isTrying()) {
            wasTrying = false;
            ask();
          }
        },
        came(bytes) {
          hasCome = true;
          pace.came(bytes);
          ask();
          // Pending answers can only be canceled by closing the connection.
          if (job.ending.begun && pace.leftMs > job.ending.leftMs) {
            resolve();
            connection.close();
          }
        },
        ended() {
          ahead--;
          ask();
        },
        failed: reject,
      });
    };
    const ask = () => {
      while (hasRoom() && job.wanted() && !job.ending.begun) {
        const span = job.plan.next(isTrying() ? 1 : spanLength(pace));
        if (span === undefined) {
          break;
        }

        const {remotePath: path, version, algorithm} = job;
        const ranges = [job.plan.range(span)];
        const compress = compression()?.compress;
        const compressed = compress !== undefined;
        const body = {path, version, algorithm, compress, ranges, progress: true};
        connection.request('get', body, receiver(span, compressed));
      }

      if (ahead === 0) {
        resolve();
      }
    };
    const first = job.headStart && job.plan.next(job.headStart.count);
    if (first !== undefined) {
      job.headStart?.deliverTo(receiver(first));
    }

    ask();
  });
}

function spanLength({bytesAtOnce}: Pace): number {
  return Math.max(1, Math.min(mostBlocksPerSpan, Math.floor(bytesAtOnce / blockSize)));
}

type SpanListener = {
  takesCompressed: boolean;
  /** Bytes of a block have arrived. */
  landed(): void;
  /** A complete block of `bytes` has arrived. */
  came(bytes: number): void;
  ended(): void;
  failed(error: JangadaError): void;
};

function receiveSpan(
  connection: Connection,
  job: LaneJob,
  span: Span,
  listener: SpanListener,
): AnswerReceiver {
  let next = span.first;
  const memory = new BlockMemory(job.blocks, () => connection.resume());
  // Received bytes of the block that is arriving, as it is in the file.
  let landedBytes = 0;
  /** Bytes on the link for each byte of the block. */
  let share = 1;
  return {
    takesCompressed: listener.takesCompressed,
    control(kind, payload) {
      if (kind === frameKinds.file) {
        const file = decodePayload(answerSchemas.file, payload, 'protocol');
        if (file.version !== job.version || file.size !== job.plan.size) {
          throw new JangadaError('changed', 'The file has changed on the server');
        }

        return false;
      }

      if (kind !== frameKinds.end || next !== span.end) {
        throw new JangadaError('protocol', 'The server did not send the blocks it was asked for');
      }

      const end = decodePayload(answerSchemas.end, payload, 'protocol');
      if (end.root !== undefined) {
        job.onRoot(end.root);
      }

      listener.ended();
      return true;
    },
    blockMemory(header) {
      checkHeader(header, job.plan.size, next, span);
      checkExpected(header, job.expected?.digests, next);
      share = (header.compressedLength ?? header.length) / header.length;
      const taken = memory.take();
      if (taken === undefined) {
        job.compression.rate.heldUp();
      }

      return taken;
    },
    landed(bytes) {
      landedBytes += bytes;
      job.progress.received(bytes);
      job.compression.rate.came(bytes * share);
      listener.landed();
    },
    block(header, filled) {
      checkBlock(job.algorithm, header, filled);
      memory.handOver();
      landedBytes = 0;
      const index = next++;
      job.onBlock(index, header.digest, filled, header.length);
      listener.came(header.length);
    },
    failed(error) {
      memory.giveBack();
      job.progress.lost(landedBytes);
      job.plan.giveBack({first: next, end: span.end});
      listener.failed(error);
    },
  };
}

/** @throws JangadaError `digest_mismatch` if the block at the front of `memory` does not match its header. */
export function checkBlock(algorithm: DigestAlgorithm, header: BlockHeader, memory: Buffer): void {
  if (!digestOf(algorithm, memory.subarray(0, header.length)).equals(header.digest)) {
    throw new JangadaError('digest_mismatch', 'A block arrived damaged');
  }
}

function checkHeader(header: BlockHeader, size: number, expected: number, span: Span): void {
  if (
    expected >= span.end ||
    header.offset !== expected * blockSize ||
    header.length !== blockLength(size, expected)
  ) {
    throw new JangadaError('protocol', 'The server sent a block that was not asked for');
  }
}

/** @throws JangadaError `unexpected` if block `index` does not have its digest in `expected`. */
function checkExpected({digest}: BlockHeader, expected: Buffer | undefined, index: number): void {
  const at = index * digestSize;
  if (expected !== undefined && !digest.equals(expected.subarray(at, at + digestSize))) {
    throw new JangadaError(
      'unexpected',
      `The server sends a block ${index} that does not match its list of digests`,
    );
  }
}
