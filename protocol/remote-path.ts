/**
 * Remote paths: names under the root, `/`-separated, relative, without `.` or `..` parts.
 * A path is refused, never normalised. The root itself is the empty path.
 *
 * A POSIX name is bytes, a JavaScript string is not. A byte that is not part of valid UTF-8
 * is kept as the unpaired surrogate U+DC80..U+DCFF (as Python's `surrogateescape` does), so
 * every name has exactly one string and gets its bytes back. On the wire such a name travels
 * as base64 of its bytes; see `pathToWire`.
 */
import {Buffer, isUtf8} from 'node:buffer';
import {JangadaError} from './errors.ts';

declare const remotePath: unique symbol;

/** A checked remote path; `''` is the root. */
export type RemotePath = string & {readonly [remotePath]: true};

/** A path or a name as it stands in JSON: text, or base64 of bytes that are not UTF-8. */
export type WirePath = string | {base64: string};

export const maxNameBytes = 255;
const maxPathBytes = 4096;
const maxDepth = 64;

/** The end of a partial's name; a remote file whose own name ends so is refused. */
export const partialSuffix = '.jangada-part';

export const rootPath = '' as RemotePath;

/**
 * `text` as a remote path.
 *
 * @throws JangadaError `bad_request` for an absolute path, an empty, `.` or `..` part, a NUL,
 * a name over 255 bytes, a path over 4,096 bytes or 64 parts, and unpaired surrogates that do
 * not stand for a byte.
 */
export function parseRemotePath(text: string): RemotePath {
  if (!isRemotePath(text)) {
    const reason = whyNotRemotePath(text);
    throw new JangadaError('bad_request', `This is not a path under the root: ${reason}`);
  }

  return text;
}

/** Whether `text` is a remote path; `parseRemotePath` says why not. */
export function isRemotePath(text: string): text is RemotePath {
  return (
    text === '' ||
    (text.length <= maxPathBytes && plainPath.test(text)) ||
    whyNotRemotePath(text) === undefined
  );
}

/** Most paths, told by one match: a queue has 100,000 of them. Each character is one byte. */
const plainPath = pathOf('(?!\\.{1,2}(?:/|$))[^\\0/\\x80-\\uffff]{1,255}');

function pathOf(name: string): RegExp {
  return new RegExp(`^${name}(?:/${name}){0,${maxDepth - 1}}$`);
}

function whyNotRemotePath(text: string): string | undefined {
  // Every UTF-16 unit is at least one byte, so this bounds the work below.
  if (text.length > maxPathBytes) {
    return `it is longer than ${maxPathBytes} bytes`;
  }

  if (text.includes('\0')) {
    return 'it has a NUL in it';
  }

  const names = text.split('/');
  if (names.length > maxDepth) {
    return `it is deeper than ${maxDepth} folders`;
  }

  let bytes = names.length - 1;
  for (const name of names) {
    const nameBytes = byteLength(name);
    if (nameBytes === undefined) {
      return 'it is not valid text';
    }

    if (name === '' || name === '.' || name === '..') {
      return name === ''
        ? 'it has an empty part, two slashes in a row or one at an end'
        : `it has a '${name}' part`;
    }

    if (nameBytes > maxNameBytes) {
      return `it has a name longer than ${maxNameBytes} bytes`;
    }

    bytes += nameBytes;
  }

  return bytes > maxPathBytes ? `it is longer than ${maxPathBytes} bytes` : undefined;
}

/** Whether every name of up to `maxNameBytes` below `path` makes a path that is short enough. */
export function hasRoomBelow(path: RemotePath): boolean {
  // An unpaired surrogate counts three bytes here and is one.
  const bytes = Buffer.byteLength(path) + 1 + maxNameBytes;
  return bytes <= maxPathBytes && (path === '' || path.split('/').length < maxDepth);
}

const escapedByte = /[\udc80-\udcff]/gu;

/** Bytes of `name` on disk; undefined if it holds surrogates that stand for no byte. */
function byteLength(name: string): number | undefined {
  if (name.isWellFormed()) {
    return Buffer.byteLength(name);
  }

  let escaped = 0;
  const rest = name.replace(escapedByte, () => {
    escaped++;
    return '';
  });
  // A string whose bytes would decode to something else is not the one string of its name.
  if (!rest.isWellFormed() || nameFromBytes(nameToBytes(name)) !== name) {
    return undefined;
  }

  return Buffer.byteLength(rest) + escaped;
}

/** Whether `path` holds bytes that are not UTF-8. */
export function hasRawBytes(path: string): boolean {
  return !path.isWellFormed();
}

/** The string that stands for the name or path with these `bytes`. */
export function nameFromBytes(bytes: Uint8Array): string {
  if (isUtf8(bytes)) {
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  }

  let text = '';
  let at = 0;
  while (at < bytes.length) {
    const length = validSequenceLength(bytes, at);
    if (length === 0) {
      text += String.fromCharCode(0xdc00 + (bytes[at] ?? 0));
      at += 1;
    } else {
      text += Buffer.from(bytes.subarray(at, at + length)).toString('utf8');
      at += length;
    }
  }

  return text;
}

/** Length of the valid UTF-8 sequence that starts at `at`, or 0. */
function validSequenceLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0;
  const length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  const sequence = bytes.subarray(at, at + length);
  return sequence.length === length && isUtf8(sequence) ? length : 0;
}

/** The bytes on disk of the name or path that `text` stands for. */
export function nameToBytes(text: string): Buffer {
  if (text.isWellFormed()) {
    return Buffer.from(text, 'utf8');
  }

  const parts: Buffer[] = [];
  let from = 0;
  for (const match of text.matchAll(escapedByte)) {
    parts.push(
      Buffer.from(text.slice(from, match.index), 'utf8'),
      Buffer.from([match[0].charCodeAt(0) - 0xdc00]),
    );
    from = match.index + 1;
  }

  parts.push(Buffer.from(text.slice(from), 'utf8'));
  return Buffer.concat(parts);
}

/** `path` as it travels in JSON. */
export function pathToWire(path: string): WirePath {
  return path.isWellFormed() ? path : {base64: nameToBytes(path).toString('base64')};
}

/** A path as it came in JSON, not yet checked with `parseRemotePath`. */
export function pathFromWire(path: WirePath): string {
  return typeof path === 'string' ? path : nameFromBytes(Buffer.from(path.base64, 'base64'));
}

/** `parent/name`; `name` alone under the root. */
export function joinRemotePath(parent: RemotePath, name: string): RemotePath {
  return parseRemotePath(parent === '' ? name : `${parent}/${name}`);
}

/** The folder that holds `path`; the root is its own parent. */
export function parentOf(path: RemotePath): RemotePath {
  const slash = path.lastIndexOf('/');
  return (slash === -1 ? '' : path.slice(0, slash)) as RemotePath;
}

/** The last name of `path`. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
