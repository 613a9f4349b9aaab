/**
 * The payload of a `roots` frame: the states and root digests of several files, without a frame, a JSON text or a schema
 * check for each.
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

/** The state of a file. `root` has 32 bytes; it is set if the request named the size that the file has. */
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

/** The most characters of an error message to send. */
const longestMessage = 200;

/** The most bytes of a record. */
const longestRecord = 1024;

/** The server sends a frame when it has so many bytes. */
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
      // A message of control characters exceeds this length, because each takes six characters in JSON.
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

  /** The frame with all records since the last call; undefined if there are none. */
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
 * The records of a frame, in order. Keeps no reference to `payload`.
 *
 * @param most the most records.
 * @throws JangadaError `protocol` for an invalid payload, or for more records.
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

/** Reads one record after the other, and never beyond the end of the payload. */
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

  /** Consume the next `length` bytes. @returns their offset. */
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
    'The server sent file states in a form that jangada cannot read',
  );
}
