/**
 * Reads a range of a remote file without writing anything: block by block in order, each verified before the reader
 * gets it. Blocks are requested as the reader takes them, a few ahead. So a reader that is slow, or stops for an hour,
 * holds only that much memory, and no connection: a lane that may request nothing ends.
 *
 *     room for half of the most ahead ─► lane ─► verified blocks ─► the reader
 *              ▲                                                      │
 *              └───────────────────── a block is taken ◄──────────────┘
 */
import type {Buffer} from 'node:buffer';
import {blockSize} from '../../../protocol/block.ts';
import {JangadaError} from '../../../protocol/errors.ts';
import type {RemotePath} from '../../../protocol/remote-path.ts';
import type {Client} from '../../client/client.ts';
import {ReceiveBuffers} from '../../client/connection/receive-buffers.ts';
import type {Span} from '../blocks/block-plan.ts';
import {Ending} from '../blocks/ending.ts';
import {digestsToGoBy} from '../blocks/expected-digests.ts';
import {runLane} from '../blocks/lane.ts';
import {Pace} from '../blocks/pace.ts';
import {RangePlan} from '../blocks/range-plan.ts';
import type {RemoteBlocks} from '../blocks/remote-blocks.ts';
import type {ExpectedRoot} from '../terms/expected-content.ts';

/** Most blocks that are requested and not yet taken. */
const mostAhead = 8;

/** A range of bytes of one file. */
export type Range = {
  remotePath: RemotePath;
  /** In bytes. */
  offset: number;
  /** In bytes; the range ends at the end of the file if that comes first. Default: up to the end. */
  length?: number | undefined;
  /** The root digest that the file must have. */
  expect?: ExpectedRoot | undefined;
};

export type OpenRange = {
  /** Number of bytes in the range. */
  readonly length: number;
  /** The bytes, in parts of at most a block. @throws as `openRange`; `digest_mismatch`. */
  parts(): AsyncGenerator<Uint8Array<ArrayBuffer>, void>;
};

/**
 * Open a range of the file. From here on all bytes come from one version.
 *
 * @throws JangadaError `not_found`, `not_a_file`, `changed` if the file is another version by now, `unexpected`,
 * `unsupported`, `aborted`, any error of the server or the link.
 */
export async function openRange(
  client: Client,
  {remotePath, offset, length = Number.POSITIVE_INFINITY, expect}: Range,
  signal: AbortSignal,
): Promise<OpenRange> {
  const {type, size, version} = await client.stat(remotePath, {signal});
  if (type !== 'file') {
    throw new JangadaError('not_a_file', 'It is not a file on the server');
  }

  const file = {remotePath, version, size};
  const digests = await digestsToGoBy(file, expect, client, {signal});
  const start = Math.min(offset, size);
  const end = Math.min(size, start + length);
  return {
    length: end - start,
    parts: () => parts(client, {...file, ...digests}, {start, end}, signal),
  };
}

type RemoteFile = Omit<RemoteBlocks, 'plan'> & {size: number};

async function* parts(
  client: Client,
  file: RemoteFile,
  {start, end}: {start: number; end: number},
  signal: AbortSignal,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
  if (start === end) {
    return;
  }

  const span = {first: Math.floor(start / blockSize), end: Math.ceil(end / blockSize)};
  await using blocks = new BlocksInOrder(client, file, span, signal);
  for (let index = span.first; index < span.end; index++) {
    const from = index * blockSize;
    yield await blocks.take(Math.max(start, from) - from, Math.min(end - from, blockSize));
  }
}

/** A verified block, in memory that must be given back. */
type Arrived = {memory: Buffer; length: number};

class BlocksInOrder implements AsyncDisposable {
  readonly #client: Client;
  readonly #file: RemoteFile;
  readonly #plan: RangePlan;
  readonly #stop = new AbortController();
  readonly #signal: AbortSignal;
  readonly #buffers = new ReceiveBuffers(mostAhead);
  readonly #ending = new Ending();
  readonly #arrived: Arrived[] = [];
  #fetching: Promise<void> | undefined;
  #failure: {error: unknown} | undefined;
  #wake: (() => void) | undefined;

  constructor(client: Client, file: RemoteFile, blocks: Span, signal: AbortSignal) {
    this.#client = client;
    this.#file = file;
    this.#plan = new RangePlan(file.size, blocks, mostAhead);
    this.#signal = AbortSignal.any([signal, this.#stop.signal]);
  }

  /** A copy of the bytes `from` up to but not including `to` of the next block. @throws JangadaError */
  async take(from: number, to: number): Promise<Uint8Array<ArrayBuffer>> {
    for (;;) {
      this.#fetchMore();
      const block = this.#arrived.shift();
      if (block !== undefined) {
        const {memory, length} = block;
        // The reader may keep the copy as long as it likes.
        const bytes = new Uint8Array(memory.subarray(from, Math.min(to, length)));
        this.#buffers.give(memory);
        this.#plan.taken();
        this.#fetchMore();
        return bytes;
      }

      if (this.#failure !== undefined) {
        throw this.#failure.error;
      }

      const {promise, resolve} = Promise.withResolvers<void>();
      this.#wake = resolve;
      await promise;
    }
  }

  /** Request nothing more. A connection with pending answers is closed. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#fetching;
  }

  /** Fetch more blocks if there is room for enough of them to be worth a lane. */
  #fetchMore(): void {
    const {room, left} = this.#plan;
    const isWorth = room > 0 && (room === left || room >= mostAhead / 2);
    if (this.#fetching === undefined && this.#failure === undefined && isWorth) {
      this.#fetching = this.#fetch()
        .catch((error: unknown) => {
          this.#failure = {error};
        })
        .finally(() => {
          this.#fetching = undefined;
          this.#wake?.();
        });
    }
  }

  async #fetch(): Promise<void> {
    const plan = this.#plan;
    let before = plan.left;
    await this.#client.withConnection(
      async connection => {
        const {compression, roundTripMs} = this.#client;
        using _due = compression.rate.due();
        await runLane(connection, {
          ...this.#file,
          pace: new Pace(connection.bytesPerSecond, undefined, roundTripMs),
          ...{plan, compression, roundTripMs, blocks: this.#buffers, ending: this.#ending},
          progress: uncounted,
          wanted: () => true,
          onBlock: (_index, _digest, memory, length) => {
            this.#arrived.push({memory, length});
            this.#wake?.();
          },
          onRoot: () => {},
        });
      },
      {
        signal: this.#signal,
        early: true,
        progressed: () => {
          const more = plan.left < before;
          before = plan.left;
          return more;
        },
      },
    );
  }
}

/** Bytes of incomplete blocks are not counted. */
const uncounted = {received() {}, lost() {}};
