/**
 * The entry of a file and its first blocks, asked for in one go, before anything is known of the file. On a connection
 * that is only being opened both leave behind the preface, so that the first block comes after one round trip in
 * the place of three. The blocks stay in the socket until somebody wants them; until then the connection is
 * nobody else's.
 */
import {Buffer} from 'node:buffer';
import {availableAlgorithms, blockSize, type DigestAlgorithm} from '../../protocol/block.ts';
import {aborted, JangadaError, throwIfAborted} from '../../protocol/errors.ts';
import {type BlockHeader, type FrameKind, frameKinds} from '../../protocol/frame.ts';
import {answerSchemas, decodePayload} from '../../protocol/messages.ts';
import type {RemotePath} from '../../protocol/remote-path.ts';
import {ask, type StatEntry} from './ask.ts';
import type {AnswerReceiver} from './connection/answer-queue.ts';
import type {Connection} from './connection/connection.ts';
import type {Pool} from './pool.ts';

/**
 * Blocks that are asked for: as many as come in a round trip of 300 ms at 20 MB/s, when the next ones can be there, and
 * no more than a stop can wait for on a link of 3 MB/s.
 */
const firstBlocks = 6;

type Asked = {connection: Connection; entry: Promise<StatEntry>; blocks: HeldAnswer};

export class HeadStart implements Disposable {
  readonly remotePath: RemotePath;
  /** Rejects with the error of the server, or because the connection was lost. */
  readonly entry: Promise<StatEntry>;
  /** Of the blocks. */
  readonly algorithm: DigestAlgorithm;
  /** Blocks that come, or all of a shorter file. */
  readonly count = firstBlocks;
  readonly connection: Connection;
  readonly #pool: Pool;
  readonly #blocks: HeldAnswer;
  #ended = false;

  /**
   * Connect, or take a connection that lies idle, and ask. Resolves with the greeting.
   *
   * @param signal ends connecting; what was asked for then stays until it is disposed of.
   * @throws JangadaError as `Connection.open`.
   */
  static async begin(
    pool: Pool,
    remotePath: RemotePath,
    signal: AbortSignal | undefined,
  ): Promise<HeadStart> {
    const [algorithm = 'sha256'] = availableAlgorithms();
    let asked: Asked | undefined;
    const begin = (connection: Connection): Asked => {
      asked = askBoth(connection, remotePath, algorithm);
      return asked;
    };
    const connection = await pool.acquire(signal, begin);
    const own = asked?.connection === connection ? asked : begin(connection);
    return new HeadStart(remotePath, algorithm, pool, own);
  }

  private constructor(
    remotePath: RemotePath,
    algorithm: DigestAlgorithm,
    pool: Pool,
    {connection, entry, blocks}: Asked,
  ) {
    this.remotePath = remotePath;
    this.algorithm = algorithm;
    this.entry = entry;
    this.#pool = pool;
    this.connection = connection;
    this.#blocks = blocks;
  }

  /** As `entry`; aborting `signal` ends the waiting with `aborted`, not the head start. */
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

  /** Whether the blocks may still come, and are, as far as is known, those of `version`. An older server refuses. */
  comesAs(version: string): boolean {
    return !this.#ended && !this.connection.closed && this.#blocks.mayBe(version);
  }

  /**
   * From now on `receiver` has the answer that the blocks are in, from its beginning. Of one that has ended without
   * them already it is told soon.
   */
  deliverTo(receiver: AnswerReceiver): void {
    this.#blocks.deliverTo(receiver);
    this.connection.resume();
  }

  /** Give the connection back; it is closed if blocks are still to come on it. */
  [Symbol.dispose](): void {
    if (!this.#ended) {
      this.#ended = true;
      this.#pool.release(this.connection);
    }
  }
}

function askBoth(connection: Connection, path: RemotePath, algorithm: DigestAlgorithm): Asked {
  const entry = ask(connection, 'stat', {path}, 'entry', {});
  // It may be that nobody asks for it.
  entry.catch(() => {});
  const blocks = new HeldAnswer();
  const ranges: [number, number][] = [[0, firstBlocks * blockSize]];
  connection.request('get', {path, algorithm, ranges, clip: true}, blocks);
  return {connection, entry, blocks};
}

/** The answer to a `get` that nobody takes yet. */
class HeldAnswer implements AnswerReceiver {
  #receiver: AnswerReceiver | undefined;
  #file: Buffer | undefined;
  /** Why no blocks come, once that is known. */
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
      // It is valid only during this call.
      this.#file = Buffer.from(payload);
      return false;
    }

    if (kind !== frameKinds.end) {
      throw new JangadaError('protocol', 'The server did not send the blocks it was asked for');
    }

    // A file without blocks. Who wants some after all asks for them again.
    this.#whyOver = new JangadaError('connection_lost', 'The first blocks did not come');
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
