/**
 * Decodes bytes to frames, whatever pieces they arrive in. The decoder names the memory for the next bytes, so that the
 * bytes of a block go from the socket directly into the buffer that is written to disk, without a copy.
 *
 *     socket ─► scratch ─► control frames, headers of blocks ─► sink
 *          └──► memory that the sink gave for a block ────────► sink
 */
import {Buffer} from 'node:buffer';
import {blockSize} from './block.ts';
import {JangadaError} from './errors.ts';
import {
  type BlockHeader,
  blockHeaderSize,
  blockPrefixSize,
  compressedHeaderSize,
  compressedPrefixSize,
  type FrameKind,
  frameKinds,
  headerSize,
  knownKinds,
  maxControlPayload,
} from './frame.ts';

/** Receives the frames of a decoder. All arguments are valid only during the call. */
export type FrameSink = {
  /** A whole frame that is not a block. */
  control(kind: FrameKind, payload: Buffer): void;
  /**
   * A block begins. Return memory for at least `header.length` bytes, or undefined if there is none now: the decoder then
   * stops until `resume()`.
   */
  blockMemory(header: BlockHeader): Buffer | undefined;
  /**
   * `bytes` more of that block have arrived; called before `block`. For a compressed block, the numbers are scaled so that
   * their sum is `header.length`.
   */
  landed?(bytes: number): void;
  /** All bytes of that block are at the front of `memory`: for a compressed block, the compressed bytes. */
  block(header: BlockHeader, memory: Buffer): void;
};

type FrameDecoderOptions = {
  /** The accepted kinds of frames; any other kind is an error. */
  accept: ReadonlySet<FrameKind>;
  /** The largest payload of a frame that is not a block, in bytes. */
  maxPayload?: number;
};

const smallScratch = 65_536;

/** A block of at least this length, and the header after it, are read exactly. */
const directBlock = 262_144;

/** Pass bytes with `push`, or read into `target()` and report the number of bytes with `received`. */
export class FrameDecoder {
  readonly #sink: FrameSink;
  readonly #accept: ReadonlySet<FrameKind>;
  readonly #maxPayload: number;
  readonly #maxScratch: number;
  // Bytes not yet decoded are scratch[start..end).
  #scratch = Buffer.allocUnsafeSlow(smallScratch);
  #start = 0;
  #end = 0;
  // The current block.
  #header: BlockHeader | undefined;
  #memory: Buffer | undefined;
  #filled = 0;
  #toldBytes = 0;
  /** After a large block: the size of the header that probably comes next. */
  #nextHeaderSize: number | undefined;
  #blocked = false;
  #refusal: JangadaError | undefined;

  constructor(sink: FrameSink, options: FrameDecoderOptions) {
    this.#sink = sink;
    this.#accept = options.accept;
    this.#maxPayload = options.maxPayload ?? maxControlPayload;
    this.#maxScratch = Math.max(smallScratch, headerSize + this.#maxPayload);
  }

  /**
   * Whether the sink had no memory for a block. Until `resume()`, the decoder keeps the bytes that it gets, up to the size of
   * a frame, and delivers nothing.
   */
  get blocked(): boolean {
    return this.#blocked;
  }

  /** Whether a frame has begun and is not complete. */
  get midFrame(): boolean {
    return this.#header !== undefined || this.#end > this.#start;
  }

  /** The memory for the next bytes; empty only if blocked and full. */
  target(): Buffer {
    if (this.#header !== undefined && this.#memory !== undefined) {
      return this.#memory.subarray(this.#filled, lengthOnTheWay(this.#header));
    }

    this.#makeRoom();
    // After a large block probably comes another one: read only its header, so that the bytes after it can go directly
    // into their memory.
    const limit =
      this.#nextHeaderSize !== undefined && this.#start === this.#end
        ? this.#end + this.#nextHeaderSize
        : this.#scratch.length;
    return this.#scratch.subarray(this.#end, limit);
  }

  /**
   * Report that `count` bytes are in the memory that `target()` gave.
   *
   * @returns false if the sink has no memory for a new block.
   * @throws JangadaError `protocol` for bytes that are not frames; after that, every call throws.
   */
  received(count: number): boolean {
    if (this.#refusal !== undefined) {
      throw this.#refusal;
    }

    if (this.#memory === undefined) {
      this.#end += count;
    } else {
      this.#landed(count);
    }

    return this.#decode();
  }

  /** Decode bytes that are in other memory. @returns as `received`. */
  push(bytes: Uint8Array): boolean {
    let at = 0;
    while (at < bytes.length) {
      const target = this.target();
      if (target.length === 0) {
        throw new JangadaError('internal', 'Bytes were pushed while blocked');
      }

      const count = Math.min(target.length, bytes.length - at);
      target.set(bytes.subarray(at, at + count));
      at += count;
      this.received(count);
    }

    return !this.#blocked;
  }

  /** Go on, because the sink has memory again. @returns as `received`. */
  resume(): boolean {
    this.#blocked = false;
    return this.#decode();
  }

  #decode(): boolean {
    if (this.#blocked) {
      return false;
    }

    while (this.#header === undefined || this.#memory === undefined) {
      if (this.#header === undefined && !this.#takeFrame()) {
        return true;
      }

      if (this.#header !== undefined) {
        this.#memory = this.#sink.blockMemory(this.#header);
        if (this.#memory === undefined) {
          this.#blocked = true;
          return false;
        }

        this.#fillFromScratch(this.#header, this.#memory);
      }
    }

    return true;
  }

  /** Take one frame, or the header of a block, from the scratch memory. @returns false if bytes are missing. */
  #takeFrame(): boolean {
    const available = this.#end - this.#start;
    if (available < headerSize) {
      return false;
    }

    const length = this.#scratch.readUInt32BE(this.#start);
    const kind = this.#checkHeader(length);
    if (kind === frameKinds.block || kind === frameKinds.compressed) {
      if (available < (kind === frameKinds.block ? blockHeaderSize : compressedHeaderSize)) {
        return false;
      }

      this.#header = this.#readBlockHeader(kind, length);
      return true;
    }

    if (available < headerSize + length) {
      return false;
    }

    const from = this.#start + headerSize;
    this.#start = from + length;
    this.#nextHeaderSize = undefined;
    this.#sink.control(kind, this.#scratch.subarray(from, from + length));
    return true;
  }

  #checkHeader(length: number): FrameKind {
    const kind = this.#scratch[this.#start + 4] ?? 0;
    if (!knownKinds.has(kind) || !this.#accept.has(kind as FrameKind)) {
      throw this.#refuse(`A frame of kind ${kind} is not expected here`);
    }

    const [low, high] = this.#bounds(kind);
    if (length < low || length > high) {
      throw this.#refuse(`A frame of kind ${kind} cannot have ${length} bytes`);
    }

    return kind as FrameKind;
  }

  /** The shortest and the longest payload of a frame of `kind`. */
  #bounds(kind: number): [low: number, high: number] {
    switch (kind) {
      case frameKinds.block:
        return [blockPrefixSize + 1, blockPrefixSize + blockSize];
      case frameKinds.compressed:
        return [compressedPrefixSize + 1, compressedPrefixSize + blockSize - 1];
      default:
        return [0, this.#maxPayload];
    }
  }

  /** Drop the received bytes, so that no room is made for them, and accept no more. */
  #refuse(message: string): JangadaError {
    this.#start = 0;
    this.#end = 0;
    this.#refusal = new JangadaError('protocol', message);
    return this.#refusal;
  }

  #readBlockHeader(kind: FrameKind, payloadLength: number): BlockHeader {
    const from = this.#start + headerSize;
    const offset = this.#scratch.readBigUInt64BE(from);
    if (offset > BigInt(Number.MAX_SAFE_INTEGER)) {
      throw this.#refuse('A block has an impossible offset');
    }

    const digest = Buffer.from(this.#scratch.subarray(from + 8, from + blockPrefixSize));
    if (kind === frameKinds.block) {
      this.#start = from + blockPrefixSize;
      return {offset: Number(offset), digest, length: payloadLength - blockPrefixSize};
    }

    const compressedLength = payloadLength - compressedPrefixSize;
    const length = this.#scratch.readUInt32BE(from + blockPrefixSize);
    if (length <= compressedLength || length > blockSize) {
      throw this.#refuse(
        `A compressed block of ${compressedLength} bytes cannot be one of ${length}`,
      );
    }

    this.#start = from + compressedPrefixSize;
    return {offset: Number(offset), digest, length, compressedLength};
  }

  #fillFromScratch(header: BlockHeader, memory: Buffer): void {
    const count = Math.min(lengthOnTheWay(header), this.#end - this.#start);
    this.#scratch.copy(memory, 0, this.#start, this.#start + count);
    this.#start += count;
    this.#landed(count);
  }

  #landed(count: number): void {
    const header = this.#header;
    const memory = this.#memory;
    if (header === undefined || memory === undefined) {
      return;
    }

    this.#filled += count;
    const toldBytes = Math.floor((this.#filled / lengthOnTheWay(header)) * header.length);
    this.#sink.landed?.(toldBytes - this.#toldBytes);
    this.#toldBytes = toldBytes;
    if (this.#filled === lengthOnTheWay(header)) {
      this.#finishBlock(header, memory);
    }
  }

  #finishBlock(header: BlockHeader, memory: Buffer): void {
    this.#header = undefined;
    this.#memory = undefined;
    this.#filled = 0;
    this.#toldBytes = 0;
    const headerLength =
      header.compressedLength === undefined ? blockHeaderSize : compressedHeaderSize;
    this.#nextHeaderSize = lengthOnTheWay(header) >= directBlock ? headerLength : undefined;
    this.#sink.block(header, memory);
  }

  /** Make room for the next bytes of the frame in the scratch memory. */
  #makeRoom(): void {
    const available = this.#end - this.#start;
    if (available === 0) {
      this.#start = 0;
      this.#end = 0;
    }

    const needed = this.#neededRoom(available);
    if (needed > this.#scratch.length) {
      const larger = Buffer.allocUnsafeSlow(this.#maxScratch);
      this.#scratch.copy(larger, 0, this.#start, this.#end);
      this.#scratch = larger;
    } else if (this.#end === this.#scratch.length || this.#start + needed > this.#scratch.length) {
      this.#scratch.copy(this.#scratch, 0, this.#start, this.#end);
    } else {
      return;
    }

    this.#start = 0;
    this.#end = available;
  }

  /** The scratch memory that the current frame needs, in bytes; `available` of them have arrived. */
  #neededRoom(available: number): number {
    if (this.#header !== undefined) {
      return Math.min(available + 1, this.#maxScratch);
    }

    // A header that is still here has been checked.
    const kind = available < headerSize ? frameKinds.block : this.#scratch[this.#start + 4];
    return kind === frameKinds.block || kind === frameKinds.compressed
      ? compressedHeaderSize
      : headerSize + this.#scratch.readUInt32BE(this.#start);
  }
}

function lengthOnTheWay({length, compressedLength}: BlockHeader): number {
  return compressedLength ?? length;
}
