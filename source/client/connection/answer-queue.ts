/**
 * The requests of one connection that wait for their answers. The server answers in order, so each
 * frame belongs to the oldest of them.
 */
import type {Buffer} from 'node:buffer';
import {JangadaError} from '../../../protocol/errors.ts';
import {type BlockHeader, type FrameKind, frameKinds} from '../../../protocol/frame.ts';
import {decompressBlock} from './compression/decompress-block.ts';
import type {BeatState} from './heartbeat.ts';

/** Receives the answer to one request. */
export type AnswerReceiver = {
  /** A frame of the answer that is neither a block nor an error. @returns whether it was the last. */
  control(kind: FrameKind, payload: Buffer): boolean;
  /** Whether blocks may come compressed: this request asked for that. */
  takesCompressed?: boolean;
  /** Memory for a block; undefined: none now, call `connection.resume()` when there is. */
  blockMemory?(header: BlockHeader): Buffer | undefined;
  /** `bytes` more of that block have come, and are in its memory. */
  landed?(bytes: number): void;
  /** All bytes of that block are in `memory`. */
  block?(header: BlockHeader, memory: Buffer): void;
  /** The answer ended with an error, or will not come. Called at most once, and last. */
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

  /** Requests of callers; a ping of the heartbeat is none. */
  get pending(): number {
    return this.#receivers.length - (this.#isPinging ? 1 : 0);
  }

  /** What the heartbeat has to know. */
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

  /** The heartbeat pings, while no caller waits. */
  addPing(): void {
    this.#isPinging = true;
    this.#receivers.push({
      control(kind) {
        if (kind !== frameKinds.pong) {
          throw new JangadaError('protocol', 'The server answered ping with something else');
        }

        return true;
      },
      // The connection is closed, or this was an error frame: a sign of life as well.
      failed() {},
    });
  }

  /** @throws JangadaError `protocol` if nobody waits for it. */
  control(kind: FrameKind, payload: Buffer): void {
    const receiver = this.#receivers[0];
    if (receiver === undefined) {
      throw new JangadaError('protocol', 'The server sent an answer that nobody asked for');
    }

    if (receiver.control(kind, payload)) {
      this.#shift();
    }
  }

  /** @throws JangadaError `protocol` if nobody waits for a block. */
  blockMemory(header: BlockHeader): Buffer | undefined {
    const receiver = this.#receivers[0];
    if (receiver?.blockMemory === undefined) {
      throw new JangadaError('protocol', 'The server sent a block that nobody asked for');
    }

    if (header.compressedLength !== undefined && receiver.takesCompressed !== true) {
      throw new JangadaError(
        'protocol',
        'The server sent a block compressed, which nobody asked for',
      );
    }

    return receiver.blockMemory(header);
  }

  landed(bytes: number): void {
    this.#receivers[0]?.landed?.(bytes);
  }

  /** @throws JangadaError `digest_mismatch` for a compressed block that cannot be decompressed. */
  block(header: BlockHeader, memory: Buffer): void {
    if (header.compressedLength !== undefined) {
      decompressBlock(header, memory);
    }

    this.#receivers[0]?.block?.(header, memory);
  }

  /** The oldest answer ends with `error`. @returns whether anybody waited for it. */
  failOldest(error: JangadaError): boolean {
    const receiver = this.#shift();
    receiver?.failed(error);
    return receiver !== undefined;
  }

  /** No answer will come any more. */
  failAll(reason: JangadaError): void {
    for (const receiver of this.#receivers.splice(0)) {
      receiver.failed(reason);
    }
  }

  #shift(): AnswerReceiver | undefined {
    if (this.#isPinging) {
      // Nothing was asked before the ping, so that its answer is the first.
      this.#isPinging = false;
    } else {
      this.#usedAtMs = this.#nowMs();
    }

    return this.#receivers.shift();
  }
}
