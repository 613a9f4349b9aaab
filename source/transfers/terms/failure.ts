/** An error as it is stored in the failed state of a transfer. */
import {type ErrorCode, JangadaError} from '../../../protocol/errors.ts';

/** The code and the sentence of a failed state for `error`. */
export function describeFailure(error: unknown): {code: ErrorCode; reason: string} {
  return error instanceof JangadaError
    ? {code: error.code, reason: error.message}
    : {code: 'internal', reason: error instanceof Error ? error.message : 'Something went wrong'};
}
