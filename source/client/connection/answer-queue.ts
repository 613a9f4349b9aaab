/**
 * The requests of one connection that wait for their answers. The server answers in order, so each frame belongs to the
 * oldest request.
 */
import type {Buffer} from 'node:buffer';
import {JangadaError} from '../../../protocol/errors.ts';
import {type BlockHeader, type FrameKind, frameKinds} from '../../../protocol/frame.ts';
import {decompressBlock} from './compression/decompress-block.ts';
import type {BeatState} from './heartbeat.ts';

/** Receives the answer to one request. */
export type AnswerReceiver = {
  /** Handles a frame that is neither a block nor an error. @returns whether it ended the answer. */
  control(kind: FrameKind, payload: Buffer): boolean;
  /** Whether blocks may arrive compressed, because this request asked for it. */
  takesCompressed?: boolean;
  /** Memory for a block; undefined: none is free now; call `connection.resume()` when there is. */
  blockMemory?(header: BlockHeader): Buffer | undefined;
  /** `bytes` more of that block are in its memory. */
  landed?(bytes: number): void;
  /** All bytes of that block are in `memory`. */
  block?(header: BlockHeader, memory: Buffer): void;
  /** The answer ended with an error, or will not arrive. Called at most once, as the last call. */
  failed(error: JangadaError): void;
};

export class AnswerQueue {
  readonly #nowMs: () => number;
  readonly #receivers: AnswerReceiver[] = [];
  #isPinging = false;
  #usedAtMs: number;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
    this.#usedAtMs = nowMs();
  }

  /** Number of requests of callers. A ping of the heartbeat does not count. */
  get pending(): number {
    return this.#receivers.length - (this.#isPinging ? 1 : 0);
  }

  /** The state that the heartbeat needs. */
  get beatState(): BeatState {
    return this.pending > 0 ? 'busy' : this.#isPinging ? 'pinged' : 'idle';
  }

  /** Time since the last answer to a caller, in milliseconds. */
  get idleMs(): number {
    return this.#nowMs() - this.#usedAtMs;
  }

  add(receiver: AnswerReceiver): void {
    this.#receivers.push(receiver);
  }

  /** Add a ping of the heartbeat. Only called while no caller waits. */
  addPing(): void {
    this.#isPinging = true;
    this.#receivers.push({
      control(kind) {
        if (kind !== frameKinds.pong) {
          throw new JangadaError(
            'protocol',
            'The server answered ping with a frame of another request',
          );
        }

        return true;
      },
      // Nothing to do: the connection is closed, or an error frame came, which also shows that the server is alive.
      failed() {},
    });
  }

  /** @throws JangadaError `protocol` if no request waits for the frame. */
  control(kind: FrameKind, payload: Buffer): void {
    const receiver = this.#receivers[0];
    if (receiver === undefined) {
      throw new JangadaError('protocol', 'The server sent an answer that nobody asked for');
    }

    if (kind === frameKinds.progress && receiver.blockMemory !== undefined) {
      // The block that comes next arrives slowly at the server.
      return;
    }

    if (receiver.control(kind, payload)) {
      this.#shift();
    }
  }

  /** @throws JangadaError `protocol` if no request waits for a block. */
  blockMemory(header: BlockHeader): Buffer | undefined {
    const receiver = this.#receivers[0];
    if (receiver?.blockMemory === undefined) {
      throw new JangadaError('protocol', 'The server sent a block that nobody asked for');
    }

    if (header.compressedLength !== undefined && receiver.takesCompressed !== true) {
      throw new JangadaError(
        'protocol',
        'The server sent a compressed block that nobody asked for',
      );
    }

    return receiver.blockMemory(header);
  }

  landed(bytes: number): void {
    this.#receivers[0]?.landed?.(bytes);
  }

  /** @throws JangadaError `digest_mismatch` if a compressed block cannot be decompressed. */
  block(header: BlockHeader, memory: Buffer): void {
    if (header.compressedLength !== undefined) {
      decompressBlock(header, memory);
    }

    this.#receivers[0]?.block?.(header, memory);
  }

  /** Ends the oldest answer with `error`. @returns whether a request waited for it. */
  failOldest(error: JangadaError): boolean {
    const receiver = this.#shift();
    receiver?.failed(error);
    return receiver !== undefined;
  }

  /** No more answers will arrive: fail all requests. */
  failAll(reason: JangadaError): void {
    for (const receiver of this.#receivers.splice(0)) {
      receiver.failed(reason);
    }
  }

  #shift(): AnswerReceiver | undefined {
    if (this.#isPinging) {
      // The ping was sent while no other request waited, so the first answer belongs to it.
      this.#isPinging = false;
    } else {
      this.#usedAtMs = this.#nowMs();
    }

    return this.#receivers.shift();
  }
}
