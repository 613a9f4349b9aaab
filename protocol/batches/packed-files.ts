/**
 * The payload of a `files` frame: several small files, without a frame, a JSON text or a schema check for each.
 *
 *     count (2) │ facts of each file │ bytes of all files, concatenated
 *
 *     facts of a file:      0 (1) │ length of version (1) │ size (4) │ time (8, a double) │ digest (32) │ version
 *     facts of an error:    1 (1) │ 0 (1) │ length (4) │ the JSON of an `error` frame
 *
 * Neither side copies the bytes: the server sends them from the memory into which it read them, and the client uses them
 * in the memory in which they arrived.
 */
import {Buffer} from 'node:buffer';
import {digestSize} from '../block.ts';
import {JangadaError, type WireErrorCode} from '../errors.ts';
import {frameKinds, headerSize, writeHeader} from '../frame.ts';
import {answerSchemas, decodePayload, maxPackedFile} from '../messages.ts';

/** The facts of one file, which come before the bytes of all files. */
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

/** One file of a frame; `bytes` is the whole content. */
export type PackedFile = PackedFacts & {bytes: Buffer};

export type PackedError = {kind: 'error'; code: WireErrorCode; message: string};

/** The most files of a frame, and the most bytes of files: with all facts, a frame stays below every limit. */
export const mostPacked = 64;
export const mostPackedBytes = 131_072;

const countSize = 2;
const fixedFile = 14 + digestSize;
const fixedError = 6;
const longestVersion = 64;

/** The most characters of an error message to send. */
const longestMessage = 200;

/**
 * A `files` frame without the bytes of the files.
 *
 * @param files at most `mostPacked`, with at most `mostPackedBytes` in all.
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
 * @throws JangadaError `protocol` for an invalid payload.
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

/** Reads the facts at the front of a payload, and never beyond its end. */
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

  /** Consume the next `length` bytes. @returns their offset. */
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
  return new JangadaError('protocol', 'The server sent files in a form that jangada cannot read');
}
