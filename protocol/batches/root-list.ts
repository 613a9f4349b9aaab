/**
 * The payload of a `roots` frame: the states of several files, and their root digests, so that none of them
 * costs a frame, a JSON text or a schema of its own.
 *
 *     a file with its root digest:   2 (1) │ size (8) │ time (8, a double) │ length (1) │ version │ root digest (32)
 *     a file without it:             1 (1) │ size (8) │ time (8, a double) │ length (1) │ version
 *     an error:                      0 (1) │ length (2) │ the JSON of an `error` frame
 */
import {Buffer} from 'node:buffer';
import {digestSize} from '../block.ts';
import {JangadaError, type WireErrorCode} from '../errors.ts';
import {frameKinds, headerSize, writeHeader} from '../frame.ts';
import {answerSchemas, decodePayload} from '../messages.ts';

/** The state of a file; `root`, 32 bytes, where it was asked for and the file has the size that it is asked for with. */
export type RootedFile = {
  kind: 'file';
  /** Bytes. */
  size: number;
  /** Milliseconds since 1970. */
  mtimeMs: number;
  /** At most 64 characters of ASCII. */
  version: string;
  root: Buffer | undefined;
};

type RootError = {kind: 'error'; code: WireErrorCode; message: string};

export type RootRecord = RootedFile | RootError;

const kindOf = {error: 0, file: 1, rooted: 2} as const;

const errorHead = 3;
const fileHead = 18;
const longestVersion = 64;

/** Of an error's message so many characters are sent. */
const longestMessage = 200;

/** Bytes of a record at most. */
const longestRecord = 1024;

/** A frame is sent when so many bytes are in it. */
const frameBytes = 65_536;

/** Gathers records until they fill a frame. */
export class RootFrame {
  #frame = Buffer.allocUnsafe(frameBytes + longestRecord);
  #end = headerSize;

  get isFull(): boolean {
    return this.#end >= frameBytes;
  }

  add(record: RootRecord): void {
    const frame = this.#frame;
    let at = this.#end;
    if (record.kind === 'error') {
      const message = record.message.slice(0, longestMessage).toWellFormed();
      const text = Buffer.from(JSON.stringify({code: record.code, message}));
      // A message of control characters alone, each of which takes six in JSON, is over this length.
      const short = text.length > longestRecord - errorHead ? shortError(record.code) : text;
      at = frame.writeUInt8(kindOf.error, at);
      at = frame.writeUInt16BE(short.length, at);
      at += short.copy(frame, at);
    } else {
      const {size, mtimeMs, version, root} = record;
      at = frame.writeUInt8(root === undefined ? kindOf.file : kindOf.rooted, at);
      at = frame.writeBigUInt64BE(BigInt(size), at);
      at = frame.writeDoubleBE(mtimeMs, at);
      at = frame.writeUInt8(version.length, at);
      at += frame.write(version, at, 'latin1');
      at += root?.copy(frame, at) ?? 0;
    }

    this.#end = at;
  }

  /** The frame with all records since it was last taken; undefined: there are none. */
  take(): Buffer | undefined {
    if (this.#end === headerSize) {
      return undefined;
    }

    const frame = this.#frame.subarray(0, this.#end);
    writeHeader(frame, frameKinds.roots, this.#end - headerSize);
    this.#frame = Buffer.allocUnsafe(frameBytes + longestRecord);
    this.#end = headerSize;
    return frame;
  }
}

function shortError(code: WireErrorCode): Buffer {
  return Buffer.from(JSON.stringify({code, message: ''}));
}

/**
 * The records of a frame, in their order. Nothing of `payload` is kept.
 *
 * @param most records that may be in it.
 * @throws JangadaError `protocol` for bytes that are no such payload, or for more records.
 */
export function decodeRoots(payload: Buffer, most: number): RootRecord[] {
  const records: RootRecord[] = [];
  const reader = new Reader(payload);
  while (!reader.isAtEnd) {
    if (records.length === most) {
      throw badPayload();
    }

    records.push(reader.next());
  }

  return records;
}

/** Reads one record after the other, and never behind the end of the payload. */
class Reader {
  readonly #payload: Buffer;
  #at = 0;

  constructor(payload: Buffer) {
    this.#payload = payload;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#payload.length;
  }

  next(): RootRecord {
    const payload = this.#payload;
    const kind = payload[this.#at];
    if (kind === kindOf.error) {
      const at = this.#take(errorHead);
      const from = this.#take(payload.readUInt16BE(at + 1));
      const text = payload.subarray(from, this.#at);
      return {kind: 'error', ...decodePayload(answerSchemas.error, text, 'protocol')};
    }

    const at = this.#take(fileHead);
    const size = payload.readBigUInt64BE(at + 1);
    const mtimeMs = payload.readDoubleBE(at + 9);
    const versionLength = payload[at + 17] ?? 0;
    const isRight = versionLength > 0 && versionLength <= longestVersion;
    const isKnown = kind === kindOf.file || kind === kindOf.rooted;
    if (!isKnown || !isRight || !Number.isFinite(mtimeMs) || size > Number.MAX_SAFE_INTEGER) {
      throw badPayload();
    }

    const versionAt = this.#take(versionLength);
    const version = payload.toString('latin1', versionAt, this.#at);
    const rootAt = kind === kindOf.rooted ? this.#take(digestSize) : undefined;
    const root = rootAt === undefined ? undefined : Buffer.from(payload.subarray(rootAt, this.#at));
    return {kind: 'file', size: Number(size), mtimeMs, version, root};
  }

  /** Where the next `length` bytes begin, which are taken. */
  #take(length: number): number {
    const from = this.#at;
    this.#at += length;
    if (this.#at > this.#payload.length) {
      throw badPayload();
    }

    return from;
  }
}

function badPayload(): JangadaError {
  return new JangadaError(
    'protocol',
    'The server sent states of files in no order that can be read',
  );
}
