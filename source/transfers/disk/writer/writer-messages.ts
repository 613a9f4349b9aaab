/**
 * The messages between this process and its writer. Each is a head of eight bytes (the length of the JSON,
 * the number of bytes behind it), the JSON, and the bytes of the files.
 */
import {Buffer} from 'node:buffer';

/** A small file to write: name, size in bytes, time in milliseconds since 1970. */
export type FileToWrite = readonly [name: string, size: number, mtimeMs: number];

/** A file to name: the descriptor of its folder, its place in the group, whether it may replace another. */
export type FileToName = readonly [folder: number, index: number, overwrite: boolean];

/** `folder`: the descriptor that the process which asks holds the folder open with. */
export type WriterRequest =
  | {kind: 'write'; group: number; folder: number; files: readonly FileToWrite[]}
  | {kind: 'flush'; group: number}
  /** Close all files of the group, and give some of them their final names. */
  | {kind: 'name'; group: number; files: readonly FileToName[]};

/** The system's code of an error; without one, its message. */
export type WriterError = {code: string; message: string};

/** A partial that was written; `other`: the time that it has instead of the right one. */
export type WrittenFile = {
  dev: number;
  ino: number;
  other?: {heldMs: number; reason: string} | undefined;
};

export type WriterAnswer =
  /** In the order of the files; null: something has the name of the partial already. */
  | {kind: 'written'; files: ReadonlyArray<WrittenFile | WriterError | null>}
  | {kind: 'flushed'; error?: WriterError | undefined}
  /** In the order of the files. */
  | {kind: 'named'; files: readonly NamedFile[]};

/** `replaced`: the partial does not have its name any more. */
export type NamedFile = 'named' | 'replaced' | WriterError;

/** With the number of the request that is answered; `ready` is said once, at the start. */
export type FromWriter = {id: number; answer: WriterAnswer} | 'ready';
export type ToWriter = {id: number; request: WriterRequest};

const headSize = 8;

/** `message` as it travels, but for the `byteCount` bytes behind it. */
export function encodeMessage(message: FromWriter | ToWriter, byteCount = 0): Buffer {
  const json = JSON.stringify(message);
  const length = Buffer.byteLength(json);
  const encoded = Buffer.allocUnsafe(headSize + length);
  encoded.writeUInt32LE(length, 0);
  encoded.writeUInt32LE(byteCount, 4);
  encoded.write(json, headSize);
  return encoded;
}

/** Takes messages apart as they come. Memory for the longest that has come is kept. */
export class MessageReader<Message extends FromWriter | ToWriter> {
  readonly #told: (message: Message, bytes: Buffer) => void;
  #memory = Buffer.allocUnsafeSlow(262_144);
  #begin = 0;
  #end = 0;

  /** @param told gets each message; `bytes` is used again when it returns. */
  constructor(told: (message: Message, bytes: Buffer) => void) {
    this.#told = told;
  }

  /** Memory for the bytes that come next. */
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

  /** `chunk` has come somewhere else. */
  take(chunk: Buffer): void {
    for (let from = 0; from < chunk.length; ) {
      const taken = chunk.copy(this.room(), 0, from);
      from += taken;
      this.came(taken);
    }
  }

  /** `count` bytes have come to the front of `room()`. */
  came(count: number): void {
    this.#end += count;
    for (let wanted = this.#wanted(); this.#end - this.#begin >= wanted; wanted = this.#wanted()) {
      const length = this.#memory.readUInt32LE(this.#begin);
      const from = this.#begin + headSize;
      const json = this.#memory.toString('utf8', from, from + length);
      const bytes = this.#memory.subarray(from + length, this.#begin + wanted);
      this.#begin += wanted;
      // Both ends are of one build.
      this.#told(JSON.parse(json) as Message, bytes);
    }
  }

  /** Bytes of the next message, as far as they are known; more than there are, while it has not come. */
  #wanted(): number {
    return this.#end - this.#begin < headSize
      ? headSize
      : headSize +
          this.#memory.readUInt32LE(this.#begin) +
          this.#memory.readUInt32LE(this.#begin + 4);
  }
}
