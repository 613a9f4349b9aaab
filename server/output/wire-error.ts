/** Errors in the form that clients get. */
import type {Buffer} from 'node:buffer';
import {isJangadaError, JangadaError, wireCodeOf, wireErrorCodes} from '../../protocol/errors.ts';
import {encodeAnswer} from '../../protocol/messages.ts';

const longestMessage = 1000;

/** The error of an answer for the client: `internal` unless `error` is for clients. */
export function asWireError(error: unknown): JangadaError {
  return isJangadaError(error, ...wireErrorCodes)
    ? error
    : new JangadaError('internal', 'The server failed; its log says more', {cause: error});
}

/** The error of decoding received bytes, for the client. */
export function asBadBytes(error: unknown): JangadaError {
  return isJangadaError(error, 'protocol')
    ? new JangadaError('bad_request', error.message, {cause: error})
    : asWireError(error);
}

/** The last frame of a stopping server. Older clients know only its code, and try again. */
export const goodBye: Buffer = encodeAnswer('error', {
  code: 'timed_out',
  message: 'The server is stopping: continue over another connection',
  leaving: true,
});

/** A whole `error` frame. */
export function encodeError(error: JangadaError): Buffer {
  return encodeAnswer('error', {
    code: wireCodeOf(error),
    message: error.message.slice(0, longestMessage),
  });
}
