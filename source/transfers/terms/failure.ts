/** An error as the failed state of a transfer has it. */
import {type ErrorCode, JangadaError} from '../../../protocol/errors.ts';

/** The code and the sentence that a failed state has for `error`. */
export function describeFailure(error: unknown): {code: ErrorCode; reason: string} {
  return error instanceof JangadaError
    ? {code: error.code, reason: error.message}
    : {code: 'internal', reason: error instanceof Error ? error.message : 'Something went wrong'};
}
