/**
 * One connection that fetches blocks of one file. It takes spans from the plan, in order, and
 * keeps two requests ahead, so that the next span is on its way while this one arrives. It asks for
 * four blocks at first, then for as many as come in about a second, two at least. Where it is not known whether they had
 * better travel compressed, it asks for one, and for more when that is known, or that one is here. A block goes on only if its
 * digest is right; a wrong one costs the connection.
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
import type {HeadStart} from '../../client/head-start.ts';
import type {BlockPlan, Span} from './block-plan.ts';
import type {Ending} from './ending.ts';
import type {FileProgress} from './file-progress.ts';
import type {Pace} from './pace.ts';
import type {BlockJob} from './remote-blocks.ts';

const mostBlocksPerSpan = 16;
const mostRequestsAhead = 2;

type LaneJob = Omit<BlockJob, 'partial' | 'plan' | 'progress'> & {
  /** Which blocks to ask for. */
  plan: Pick<BlockPlan, 'size' | 'next' | 'range' | 'giveBack'>;
  progress: Pick<FileProgress, 'received' | 'lost'>;
  pace: Pace;
  blocks: ReceiveBuffers;
  /** Of the way to the server, as far as it is known. */
  roundTripMs: number;
  /** The first blocks of the file, which are on their way over this connection. */
  headStart?: HeadStart | undefined;
  /** Once it has begun, nothing more is asked for; requests under way come in if there is time. */
  ending: Ending;
  /** Whether blocks are asked for compressed. */
  compression: CompressionChoice;
  /** Whether this lane should ask for more. */
  wanted(): boolean;
  /** A checked block; the callee has to give `memory` back to the pool. */
  onBlock(index: number, digest: Buffer, memory: Buffer, length: number): void;
  /** The root digest, in hex, when the server says it. */
  onRoot(root: string): void;
};

/** Milliseconds. */
const longWayMs = 20;

/**
 * Fetch until nothing of the plan is left to ask for, or the lane is not wanted any more. It may
 * leave with requests under way: then the connection is closed.
 *
 * @throws JangadaError `changed`, `digest_mismatch`, `unexpected`, `connection_lost`, any error of the server.
 * Blocks that were asked for and did not come are given back to the plan.
 */
export function runLane(connection: Connection, job: LaneJob): Promise<void> {
  return new Promise((resolve, reject) => {
    const {pace} = job;
    const requestsAhead = Math.min(mostRequestsAhead, connection.pipelined);
    let ahead = 0;
    let hasCome = false;
    // Before its greeting a server may be asked: one that knows no compressed blocks does not see it.
    const compression = () => (connection.can('zstd') === false ? undefined : job.compression);
    // One block alone leaves a long way empty, whatever the address says.
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
          // The answers to come cannot be called off but with the connection.
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
        const body = {path, version, algorithm, compress, ranges};
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
  /** Some bytes of a block have come. */
  landed(): void;
  /** A block has come, of so many bytes. */
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
  // Bytes of the block that is arriving.
  let landedBytes = 0;
  /** Bytes of it that travel for each that it has. */
  let share = 1;
  return {
    takesCompressed: listener.takesCompressed,
    control(kind, payload) {
      if (kind === frameKinds.file) {
        const file = decodePayload(answerSchemas.file, payload, 'protocol');
        if (file.version !== job.version || file.size !== job.plan.size) {
          throw new JangadaError('changed', 'The file is another version by now');
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

/** @throws JangadaError `digest_mismatch` if the block in the front of `memory` is not what its header says. */
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
      `The server sends something else as block ${index} than its list of digests says`,
    );
  }
}
