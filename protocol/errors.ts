/**
 * The only error class of the project. Programs match on `code`. The message is a sentence for people: what happened and,
 * if possible, what to do.
 */

/** Codes in `error` frames. They are stable. */
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

/** Codes of errors on the client's side, which are never sent. */
const localErrorCodes = [
  /** Connecting failed: wrong address, no listening server, no route. */
  'unreachable',
  /** The server did not prove its identity: by its certificate, or by knowing the token. */
  'untrusted',
  /** An established connection was lost: closed, reset, or silent for too long. */
  'connection_lost',
  /** The peer violated the protocol. */
  'protocol',
  /** The caller or the user stopped the work: an `AbortSignal`, a cancel, Ctrl-C. */
  'aborted',
  /** A block does not have its announced digest. */
  'digest_mismatch',
  /** The target exists, and no policy says what to do. */
  'exists',
  /** A name or place that jangada must not write to: outside the target folder, a link, a device. */
  'unsafe_target',
  /** Another process works on the same partial file. */
  'locked',
  /** The local disk is full or over quota. */
  'no_space',
  /** A local file or folder could not be read or written. */
  'local_io',
  /** The version of the server does not support this. */
  'unsupported',
  /** Content differs: `verify`, `hash --compare`. */
  'differs',
  /** Content is not what the user expected (`--expect`). */
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
  /** The reason in a few words, where a sentence does not fit. */
  readonly brief: string;

  constructor(code: ErrorCode, message: string, options?: {cause?: unknown; brief?: string}) {
    super(message, options);
    this.code = code;
    this.brief = options?.brief ?? message;
  }
}

/** Whether `error` is a JangadaError; with `codes`, whether it has one of them. */
export function isJangadaError(
  error: unknown,
  ...codes: readonly ErrorCode[]
): error is JangadaError {
  return error instanceof JangadaError && (codes.length === 0 || codes.includes(error.code));
}

/** The code of `error` for a client: `internal` if its own code is never sent. */
export function wireCodeOf(error: unknown): WireErrorCode {
  return isJangadaError(error)
    ? (wireErrorCodes.find(code => code === error.code) ?? 'internal')
    : 'internal';
}

/** Codes of failures of the server or the network that may not happen again. */
const transientCodes: readonly ErrorCode[] = [
  'connection_lost',
  'unreachable',
  'busy',
  'timed_out',
];

/** Whether another attempt may succeed after `error`. */
export function isTransient(error: unknown): boolean {
  return isJangadaError(error, ...transientCodes);
}

/** Codes of failures that every other request to the same server would meet, too. */
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

/** The error of work that this side has stopped. */
export function aborted(message = 'Stopped on request', options?: {cause?: unknown}): JangadaError {
  return new JangadaError('aborted', message, options);
}

/** @throws JangadaError `aborted` if `signal` is; the cause is the reason of the signal. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) {
    throw aborted(undefined, {cause: signal.reason});
  }
}

/** The operating system's code of an error, such as `ENOENT`; undefined if it has none. */
export function systemErrorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined;
}

/** Whether a system call failed because no descriptor was left; it may succeed later. */
export function isOutOfFiles(error: unknown): boolean {
  const code = systemErrorCode(error instanceof JangadaError ? error.cause : error);
  return code === 'EMFILE' || code === 'ENFILE';
}
