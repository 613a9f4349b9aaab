/** Errors as a client is told them. */
import type {Buffer} from 'node:buffer';
import {isJangadaError, JangadaError, wireCodeOf, wireErrorCodes} from '../../protocol/errors.ts';
import {encodeAnswer} from '../../protocol/messages.ts';

const longestMessage = 1000;

/** The error of an answer, as the client is told it: `internal` unless it is for clients. */
export function asWireError(error: unknown): JangadaError {
  return isJangadaError(error, ...wireErrorCodes)
    ? error
    : new JangadaError('internal', 'The server failed; its log says more', {cause: error});
}

/** The error of decoding received bytes, as the client is told it. */
export function asBadBytes(error: unknown): JangadaError {
  return isJangadaError(error, 'protocol')
    ? new JangadaError('bad_request', error.message, {cause: error})
    : asWireError(error);
}

/** The last frame of a server that stops. Older clients know the code alone, and try again. */
export const goodBye: Buffer = encodeAnswer('error', {
  code: 'timed_out',
  message: 'The server stops: go on over another connection',
  leaving: true,
});

/** A whole `error` frame. */
export function encodeError(error: JangadaError): Buffer {
  return encodeAnswer('error', {
    code: wireCodeOf(error),
    message: error.message.slice(0, longestMessage),
  });
}
