/**
 * The one error class of the project. Code matches on `code`; the message is a
 * sentence for people that says what happened and, where it can, what to do.
 */

/** Codes that travel in `error` frames. They are stable. */
export const wireErrorCodes = [
  'not_found',
  'not_a_file',
  'not_a_folder',
  'forbidden',
  'changed',
  'bad_request',
  'bad_mask',
  'unauthorized',
  'busy',
  'too_large',
  'timed_out',
  'internal',
] as const;

export type WireErrorCode = (typeof wireErrorCodes)[number];

/** Codes that arise on this side only and never travel. */
const localErrorCodes = [
  /** No connection could be made: wrong address, nobody listening, no route. */
  'unreachable',
  /** A server that did not prove who it is: its certificate, or that it knows the token. */
  'untrusted',
  /** A connection that was up is gone: closed, reset, silent for too long. */
  'connection_lost',
  /** The peer sent bytes that break the protocol. */
  'protocol',
  /** The caller asked for it: an `AbortSignal`, a cancel, Ctrl-C. */
  'aborted',
  /** A block did not have the digest that was announced for it. */
  'digest_mismatch',
  /** The target exists and nothing says what to do about it. */
  'exists',
  /** A name or a place that must not be written: outside the target folder, a link, a device. */
  'unsafe_target',
  /** Another process works on the same partial. */
  'locked',
  /** The local disk is full or over quota. */
  'no_space',
  /** A local file or folder could not be read or written. */
  'local_io',
  /** The server is of a version that cannot do this. */
  'unsupported',
  /** Content differs: `verify`, `hash --compare`. */
  'differs',
  /** Content is not what the user said that it has to be. */
  'unexpected',
  /** Wrong arguments. */
  'usage',
] as const;

export type LocalErrorCode = (typeof localErrorCodes)[number];

export const errorCodes = [...wireErrorCodes, ...localErrorCodes] as const;

export type ErrorCode = WireErrorCode | LocalErrorCode;

export class JangadaError extends Error {
  override readonly name = 'JangadaError';
  readonly code: ErrorCode;
  /** The reason in a few words, for where there is no room for a sentence. */
  readonly brief: string;

  constructor(code: ErrorCode, message: string, options?: {cause?: unknown; brief?: string}) {
    super(message, options);
    this.code = code;
    this.brief = options?.brief ?? message;
  }
}

/** Whether `error` is a JangadaError, with one of `codes` if any are given. */
export function isJangadaError(
  error: unknown,
  ...codes: readonly ErrorCode[]
): error is JangadaError {
  return error instanceof JangadaError && (codes.length === 0 || codes.includes(error.code));
}

/** The code under which a client is told of `error`: `internal` unless it is one that travels. */
export function wireCodeOf(error: unknown): WireErrorCode {
  return isJangadaError(error)
    ? (wireErrorCodes.find(code => code === error.code) ?? 'internal')
    : 'internal';
}

/** Codes of failures that the server, or the way to it, may not have the next time. */
const transientCodes: readonly ErrorCode[] = [
  'connection_lost',
  'unreachable',
  'busy',
  'timed_out',
];

/** Whether another attempt may succeed where `error` ended this one. */
export function isTransient(error: unknown): boolean {
  return isJangadaError(error, ...transientCodes);
}

/** Failures that every other request to the same server would meet, too. */
const lostServerCodes: readonly ErrorCode[] = [
  'unreachable',
  'untrusted',
  'connection_lost',
  'unauthorized',
];

/** Whether a failure with this code says that the server is gone for good. */
export function isServerLost(code: ErrorCode): boolean {
  return lostServerCodes.includes(code);
}

/** The error of work that was stopped from this side. */
export function aborted(message = 'Stopped on request', options?: {cause?: unknown}): JangadaError {
  return new JangadaError('aborted', message, options);
}

/** @throws JangadaError `aborted` if `signal` is. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) {
    throw aborted();
  }
}

/** The system's code of an error, `ENOENT` for example; undefined if it has none. */
export function systemErrorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined;
}

/** Whether a call of the system found no descriptor left, which may be otherwise in a moment. */
export function isOutOfFiles(error: unknown): boolean {
  const code = systemErrorCode(error instanceof JangadaError ? error.cause : error);
  return code === 'EMFILE' || code === 'ENFILE';
}
