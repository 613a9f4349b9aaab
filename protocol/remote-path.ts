/**
 * Remote paths: names under the root, `/`-separated, relative, without `.` or `..` parts.
 * An invalid path is refused, never normalised. The root itself is the empty path.
 *
 * A POSIX name consists of bytes, a JavaScript string does not. A byte that is not valid UTF-8 becomes an unpaired
 * surrogate U+DC80..U+DCFF (like Python's `surrogateescape`), so every name has exactly one string, from which its bytes
 * can be restored. In JSON, such a name is sent as base64 of its bytes; see `pathToWire`.
 */
import {Buffer, isUtf8} from 'node:buffer';
import {JangadaError} from './errors.ts';

declare const remotePath: unique symbol;

/** A checked remote path; `''` is the root. */
export type RemotePath = string & {readonly [remotePath]: true};

/** A path or a name in JSON: text, or base64 of bytes that are not UTF-8. */
export type WirePath = string | {base64: string};

export const maxNameBytes = 255;
const maxPathBytes = 4096;
const maxDepth = 64;

/** The suffix of partial files; remote files with this suffix are refused. */
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

/** Whether `text` is a remote path; `parseRemotePath` gives the reason if not. */
export function isRemotePath(text: string): text is RemotePath {
  return (
    text === '' ||
    (text.length <= maxPathBytes && plainPath.test(text)) ||
    whyNotRemotePath(text) === undefined
  );
}

/** Recognises most paths with one match, because a queue may have 100,000 of them. Each character is one byte. */
const plainPath = pathOf('(?!\\.{1,2}(?:/|$))[^\\0/\\x80-\\uffff]{1,255}');

function pathOf(name: string): RegExp {
  return new RegExp(`^${name}(?:/${name}){0,${maxDepth - 1}}$`);
}

function whyNotRemotePath(text: string): string | undefined {
  // Every UTF-16 unit is at least one byte, so this limits the work below.
  if (text.length > maxPathBytes) {
    return `it is longer than ${maxPathBytes} bytes`;
  }

  if (text.includes('\0')) {
    return 'it contains NUL';
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
        ? 'it has an empty part: two slashes in a row, or a slash at its beginning or end'
        : `it has a '${name}' part`;
    }

    if (nameBytes > maxNameBytes) {
      return `it has a name longer than ${maxNameBytes} bytes`;
    }

    bytes += nameBytes;
  }

  return bytes > maxPathBytes ? `it is longer than ${maxPathBytes} bytes` : undefined;
}

/** Whether every name of up to `maxNameBytes` below `path` gives a path within the limits. */
export function hasRoomBelow(path: RemotePath): boolean {
  // This counts an unpaired surrogate as three bytes, although it is one.
  const bytes = Buffer.byteLength(path) + 1 + maxNameBytes;
  return bytes <= maxPathBytes && (path === '' || path.split('/').length < maxDepth);
}

const escapedByte = /[\udc80-\udcff]/gu;

/** The number of bytes of `name` on disk; undefined if it has surrogates that represent no byte. */
function byteLength(name: string): number | undefined {
  if (name.isWellFormed()) {
    return Buffer.byteLength(name);
  }

  let escaped = 0;
  const rest = name.replace(escapedByte, () => {
    escaped++;
    return '';
  });
  // If its bytes decode to another string, `name` is not the string of any name.
  if (!rest.isWellFormed() || nameFromBytes(nameToBytes(name)) !== name) {
    return undefined;
  }

  return Buffer.byteLength(rest) + escaped;
}

/** Whether `path` contains bytes that are not UTF-8. */
export function hasRawBytes(path: string): boolean {
  return !path.isWellFormed();
}

/** The string for the name or path with these `bytes`. */
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

/** The bytes on disk of the name or path `text`. */
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

/** `path` in its form for JSON. */
export function pathToWire(path: string): WirePath {
  return path.isWellFormed() ? path : {base64: nameToBytes(path).toString('base64')};
}

/** The string of a path from JSON, not yet checked with `parseRemotePath`. */
export function pathFromWire(path: WirePath): string {
  return typeof path === 'string' ? path : nameFromBytes(Buffer.from(path.base64, 'base64'));
}

/** `parent/name`; `name` alone under the root. */
export function joinRemotePath(parent: RemotePath, name: string): RemotePath {
  return parseRemotePath(parent === '' ? name : `${parent}/${name}`);
}

/** The folder that contains `path`; the root is its own parent. */
export function parentOf(path: RemotePath): RemotePath {
  const slash = path.lastIndexOf('/');
  return (slash === -1 ? '' : path.slice(0, slash)) as RemotePath;
}

/** The last name of `path`. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
