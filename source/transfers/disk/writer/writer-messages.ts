/**
 * The messages between this process and its writer. Each message is a header of eight bytes (the length of the JSON and
 * the number of bytes after it), the JSON, and the bytes of the files.
 */
import {Buffer} from 'node:buffer';

/** A small file to write: name, size in bytes, time in milliseconds since 1970. */
export type FileToWrite = readonly [name: string, size: number, mtimeMs: number];

/** A file to rename: the descriptor of its folder, its index in the group, whether it may replace another file. */
export type FileToName = readonly [folder: number, index: number, overwrite: boolean];

/** `folder`: the descriptor under which the requesting process holds the folder open. */
export type WriterRequest =
  | {kind: 'write'; group: number; folder: number; files: readonly FileToWrite[]}
  | {kind: 'flush'; group: number}
  /** Close all files of the group, and give some of them their final names. */
  | {kind: 'name'; group: number; files: readonly FileToName[]};

/** The system's error code, and the message in case there is no code. */
export type WriterError = {code: string; message: string};

/** A partial that was written. `other`: the time that it has, if the right one could not be set. */
export type WrittenFile = {
  dev: number;
  ino: number;
  other?: {heldMs: number; reason: string} | undefined;
};

export type WriterAnswer =
  /** In the order of the files; null: the name of the partial is taken. */
  | {kind: 'written'; files: ReadonlyArray<WrittenFile | WriterError | null>}
  | {kind: 'flushed'; error?: WriterError | undefined}
  /** In the order of the files. */
  | {kind: 'named'; files: readonly NamedFile[]};

/** `replaced`: the partial does not have its name any more. */
export type NamedFile = 'named' | 'replaced' | WriterError;

/** An answer, with the number of its request. `ready` is sent once, at the start. */
export type FromWriter = {id: number; answer: WriterAnswer} | 'ready';
export type ToWriter = {id: number; request: WriterRequest};

const headSize = 8;

/** `message` as it is sent, without the `byteCount` bytes that follow it. */
export function encodeMessage(message: FromWriter | ToWriter, byteCount = 0): Buffer {
  const json = JSON.stringify(message);
  const length = Buffer.byteLength(json);
  const encoded = Buffer.allocUnsafe(headSize + length);
  encoded.writeUInt32LE(length, 0);
  encoded.writeUInt32LE(byteCount, 4);
  encoded.write(json, headSize);
  return encoded;
}

/** Splits received bytes into messages. Its memory grows to the longest message so far. */
export class MessageReader<Message extends FromWriter | ToWriter> {
  readonly #told: (message: Message, bytes: Buffer) => void;
  #memory = Buffer.allocUnsafeSlow(262_144);
  #begin = 0;
  #end = 0;

  /** @param told is called with each message; `bytes` is overwritten after it returns. */
  constructor(told: (message: Message, bytes: Buffer) => void) {
    this.#told = told;
  }

  /** Memory for the next bytes. */
  room(): Buffer {
    const wanted = this.#wanted();
    if (
      this.#begin > 0 &&
      (this.#begin === this.#end || this.#begin + wanted > this.#memory.length)
    ) {
      this.#memory.copyWithin(0, this.#begin, this.#end);
      this.#end -= this.#begin;
      this.#begin = 0;
    }

    if (wanted > this.#memory.length) {
      const larger = Buffer.allocUnsafeSlow(wanted);
      this.#memory.copy(larger, 0, 0, this.#end);
      this.#memory = larger;
    }

    return this.#memory.subarray(this.#end);
  }

  /** Take bytes that arrived in other memory. */
  take(chunk: Buffer): void {
    for (let from = 0; from < chunk.length; ) {
      const taken = chunk.copy(this.room(), 0, from);
      from += taken;
      this.came(taken);
    }
  }

  /** `count` bytes have arrived at the front of `room()`. */
  came(count: number): void {
    this.#end += count;
    for (let wanted = this.#wanted(); this.#end - this.#begin >= wanted; wanted = this.#wanted()) {
      const length = this.#memory.readUInt32LE(this.#begin);
      const from = this.#begin + headSize;
      const json = this.#memory.toString('utf8', from, from + length);
      const bytes = this.#memory.subarray(from + length, this.#begin + wanted);
      this.#begin += wanted;
      // No check: both ends come from the same build.
      this.#told(JSON.parse(json) as Message, bytes);
    }
  }

  /**
   * Length of the next message, as far as it is known. Greater than the number of bytes held while the message is
   * incomplete.
   */
  #wanted(): number {
    return this.#end - this.#begin < headSize
      ? headSize
      : headSize +
          this.#memory.readUInt32LE(this.#begin) +
          this.#memory.readUInt32LE(this.#begin + 4);
  }
}
