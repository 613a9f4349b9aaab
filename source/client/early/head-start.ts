/**
 * Requests the entry of a file together with its first blocks, before anything is known of the file. On a new
 * connection both requests leave directly behind the preface, so that the first block arrives after one round trip
 * instead of three. The blocks stay in the socket until a download takes them; until then no other call may use the
 * connection.
 */
import {Buffer} from 'node:buffer';
import {availableAlgorithms, blockSize, type DigestAlgorithm} from '../../../protocol/block.ts';
import {aborted, JangadaError, throwIfAborted} from '../../../protocol/errors.ts';
import {type BlockHeader, type FrameKind, frameKinds} from '../../../protocol/frame.ts';
import {answerSchemas, decodePayload} from '../../../protocol/messages.ts';
import type {RemotePath} from '../../../protocol/remote-path.ts';
import {ask, type StatEntry} from '../ask.ts';
import type {AnswerReceiver} from '../connection/answer-queue.ts';
import type {Connection} from '../connection/connection.ts';
import type {Pool} from '../pool.ts';
import {beginEarly, type EarlyWork} from './early-work.ts';

/**
 * Number of blocks to request: as many as arrive in a round trip of 300 ms at 20 MB/s, after which the next ones can
 * arrive; and few enough that a stop can wait for them on a link of 3 MB/s.
 */
const firstBlocks = 6;

type Asked = {entry: Promise<StatEntry>; blocks: HeldAnswer};

export class HeadStart implements Disposable {
  readonly remotePath: RemotePath;
  /** Rejects with the error of the server, or because the connection was lost. */
  readonly entry: Promise<StatEntry>;
  /** The digest algorithm of the blocks. */
  readonly algorithm: DigestAlgorithm;
  /** Number of blocks that arrive; a shorter file arrives whole. */
  readonly count = firstBlocks;
  readonly connection: Connection;
  readonly #pool: Pool;
  readonly #blocks: HeldAnswer;
  #ended = false;

  /**
   * Take an idle connection or open one, and send the requests. Resolves once the connection has been greeted.
   *
   * @param signal stops connecting. It does not cancel requests that were sent; dispose of the head start to do that.
   * @throws JangadaError as `Connection.open`.
   */
  static async begin(
    pool: Pool,
    remotePath: RemotePath,
    signal: AbortSignal | undefined,
  ): Promise<HeadStart> {
    const [algorithm = 'sha256'] = availableAlgorithms();
    const send = (connection: Connection) => askBoth(connection, remotePath, algorithm);
    return new HeadStart(remotePath, algorithm, pool, await beginEarly(pool, send, {signal}));
  }

  private constructor(
    remotePath: RemotePath,
    algorithm: DigestAlgorithm,
    pool: Pool,
    {connection, work: {entry, blocks}}: EarlyWork<Asked>,
  ) {
    this.remotePath = remotePath;
    this.algorithm = algorithm;
    this.entry = entry;
    this.#pool = pool;
    this.connection = connection;
    this.#blocks = blocks;
  }

  /** As `entry`; aborting `signal` ends only this wait, with `aborted`, and not the head start. */
  async entryUnless(signal: AbortSignal | undefined): Promise<StatEntry> {
    throwIfAborted(signal);
    const stopped = Promise.withResolvers<never>();
    const onAbort = () => stopped.reject(aborted());
    signal?.addEventListener('abort', onAbort, {once: true});
    try {
      return await Promise.race([this.entry, stopped.promise]);
    } finally {
      signal?.removeEventListener('abort', onAbort);
    }
  }

  /**
   * Whether the blocks can still arrive and, as far as is known, belong to `version`. An older server refuses the
   * request.
   */
  comesAs(version: string): boolean {
    return !this.#ended && !this.connection.closed && this.#blocks.mayBe(version);
  }

  /**
   * Give the answer with the blocks to `receiver`, from its beginning. If it has already ended without blocks,
   * `receiver` fails soon.
   */
  deliverTo(receiver: AnswerReceiver): void {
    this.#blocks.deliverTo(receiver);
    this.connection.resume();
  }

  /** Give the connection back. It is closed if blocks are still due on it. */
  [Symbol.dispose](): void {
    if (!this.#ended) {
      this.#ended = true;
      this.#pool.release(this.connection);
    }
  }
}

function askBoth(connection: Connection, path: RemotePath, algorithm: DigestAlgorithm): Asked {
  const entry = ask(connection, 'stat', {path}, 'entry', {});
  // Nobody may ever await it.
  entry.catch(() => {});
  const blocks = new HeldAnswer();
  const ranges: [number, number][] = [[0, firstBlocks * blockSize]];
  connection.request('get', {path, algorithm, ranges, clip: true, progress: true}, blocks);
  return {entry, blocks};
}

/** The answer to a `get` before a receiver takes it. */
class HeldAnswer implements AnswerReceiver {
  #receiver: AnswerReceiver | undefined;
  #file: Buffer | undefined;
  /** Why no blocks will arrive, once that is known. */
  #whyOver: JangadaError | undefined;

  mayBe(version: string): boolean {
    return (
      this.#whyOver === undefined &&
      (this.#file === undefined ||
        decodePayload(answerSchemas.file, this.#file, 'protocol').version === version)
    );
  }

  deliverTo(receiver: AnswerReceiver): void {
    const why = this.#whyOver;
    if (why !== undefined) {
      queueMicrotask(() => receiver.failed(why));
      return;
    }

    this.#receiver = receiver;
    if (this.#file !== undefined) {
      receiver.control(frameKinds.file, this.#file);
    }
  }

  control(kind: FrameKind, payload: Buffer): boolean {
    if (this.#receiver !== undefined) {
      return this.#receiver.control(kind, payload);
    }

    if (kind === frameKinds.file && this.#file === undefined) {
      // The payload is valid only during this call.
      this.#file = Buffer.from(payload);
      return false;
    }

    if (kind !== frameKinds.end) {
      throw new JangadaError('protocol', 'The server did not send the blocks it was asked for');
    }

    // A file without blocks. A caller that needs blocks requests them again.
    this.#whyOver = new JangadaError('connection_lost', 'The first blocks did not arrive');
    return true;
  }

  blockMemory(header: BlockHeader): Buffer | undefined {
    return this.#receiver?.blockMemory?.(header);
  }

  landed(bytes: number): void {
    this.#receiver?.landed?.(bytes);
  }

  block(header: BlockHeader, memory: Buffer): void {
    this.#receiver?.block?.(header, memory);
  }

  failed(error: JangadaError): void {
    this.#whyOver = error;
    this.#receiver?.failed(error);
  }
}
