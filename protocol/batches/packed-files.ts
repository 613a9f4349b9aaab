/**
 * The payload of a `files` frame: several small files, so that none of them costs a frame, a JSON text or
 * a schema of its own.
 *
 *     count (2) │ facts of each file │ bytes of all files, one behind the other
 *
 *     facts of a file:      0 (1) │ length of version (1) │ size (4) │ time (8, a double) │ digest (32) │ version
 *     facts of an error:    1 (1) │ 0 (1) │ length (4) │ the JSON of an `error` frame
 *
 * A server sends the bytes from the memory that it read them into, and a client hands them on from the
 * memory that they came in.
 */
import {Buffer} from 'node:buffer';
import {digestSize} from '../block.ts';
import {JangadaError, type WireErrorCode} from '../errors.ts';
import {frameKinds, headerSize, writeHeader} from '../frame.ts';
import {answerSchemas, decodePayload, maxPackedFile} from '../messages.ts';

/** The facts of a file that stand before the bytes of all. */
export type PackedFacts = {
  kind: 'file';
  /** Bytes. */
  size: number;
  /** Milliseconds since 1970. */
  mtimeMs: number;
  /** At most 64 characters of ASCII. */
  version: string;
  /** The hash of all bytes. */
  digest: Buffer;
};

/** One file of a frame; `bytes` are all of it. */
export type PackedFile = PackedFacts & {bytes: Buffer};

export type PackedError = {kind: 'error'; code: WireErrorCode; message: string};

/** A frame has at most so many files, and so many bytes of files: with all facts it stays below every limit. */
export const mostPacked = 64;
export const mostPackedBytes = 131_072;

const countSize = 2;
const fixedFile = 14 + digestSize;
const fixedError = 6;
const longestVersion = 64;

/** Of an error's message so many characters are sent. */
const longestMessage = 200;

/**
 * The front of a `files` frame, all but the bytes of the files.
 *
 * @param files at most `mostPacked`, of `mostPackedBytes` together.
 */
export function encodePackedHead(files: ReadonlyArray<PackedFacts | PackedError>): Buffer {
  const errors = files.map(file => (file.kind === 'file' ? undefined : errorText(file)));
  let length = countSize;
  let bytes = 0;
  for (const [index, file] of files.entries()) {
    length +=
      file.kind === 'file'
        ? fixedFile + file.version.length
        : fixedError + Buffer.byteLength(errors[index] ?? '');
    bytes += file.kind === 'file' ? file.size : 0;
  }

  const head = Buffer.allocUnsafe(headerSize + length);
  writeHeader(head, frameKinds.files, length + bytes);
  let at = head.writeUInt16BE(files.length, headerSize);
  for (const [index, file] of files.entries()) {
    if (file.kind === 'file') {
      at = head.writeUInt8(0, at);
      at = head.writeUInt8(file.version.length, at);
      at = head.writeUInt32BE(file.size, at);
      at = head.writeDoubleBE(file.mtimeMs, at);
      at += file.digest.copy(head, at);
      at += head.write(file.version, at, 'latin1');
    } else {
      const text = errors[index] ?? '';
      at = head.writeUInt16BE(0x0100, at);
      at = head.writeUInt32BE(Buffer.byteLength(text), at);
      at += head.write(text, at, 'utf8');
    }
  }

  return head;
}

function errorText({code, message}: PackedError): string {
  return JSON.stringify({code, message: message.slice(0, longestMessage).toWellFormed()});
}

/**
 * The files of a frame, in their order. Their bytes and digests are views of `payload`.
 *
 * @throws JangadaError `protocol` for bytes that are no such payload.
 */
export function decodePackedFiles(payload: Buffer): Array<PackedFile | PackedError> {
  const facts = new Facts(payload);
  const all = Array.from({length: facts.count()}, () => facts.next());
  let at = facts.at;
  for (const file of all) {
    if (file.kind === 'file') {
      file.bytes = payload.subarray(at, at + file.size);
      at += file.size;
    }
  }

  if (at !== payload.length || all.length === 0) {
    throw badPayload();
  }

  return all;
}

/** Reads the facts in the front of a payload, and never behind its end. */
class Facts {
  readonly #payload: Buffer;
  at = 0;

  constructor(payload: Buffer) {
    this.#payload = payload;
  }

  count(): number {
    const at = this.#take(countSize);
    const count = this.#payload.readUInt16BE(at);
    if (count > mostPacked) {
      throw badPayload();
    }

    return count;
  }

  next(): PackedFile | PackedError {
    const payload = this.#payload;
    const isError = payload[this.at] === 1;
    const at = this.#take(isError ? fixedError : fixedFile);
    if (isError) {
      const from = this.#take(payload.readUInt32BE(at + 2));
      const error = decodePayload(answerSchemas.error, payload.subarray(from, this.at), 'protocol');
      return {kind: 'error', ...error};
    }

    const versionLength = payload.readUInt8(at + 1);
    const size = payload.readUInt32BE(at + 2);
    const mtimeMs = payload.readDoubleBE(at + 6);
    const from = this.#take(versionLength);
    const isRight = versionLength > 0 && versionLength <= longestVersion && size <= maxPackedFile;
    if (payload[at] !== 0 || !isRight || !Number.isFinite(mtimeMs)) {
      throw badPayload();
    }

    const version = payload.toString('latin1', from, this.at);
    const digest = payload.subarray(from - digestSize, from);
    return {kind: 'file', size, mtimeMs, version, digest, bytes: nothing};
  }

  /** Where the next `length` bytes begin, which are taken. */
  #take(length: number): number {
    const from = this.at;
    this.at += length;
    if (this.at > this.#payload.length) {
      throw badPayload();
    }

    return from;
  }
}

const nothing = Buffer.alloc(0);

function badPayload(): JangadaError {
  return new JangadaError('protocol', 'The server sent files in no order that can be read');
}
