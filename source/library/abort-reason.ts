import {aborted, isJangadaError} from '../../protocol/errors.ts';

/**
 * The result of `work`. If it fails with `aborted` after `signal` was aborted, the cause of that error is the reason of
 * the signal, however deep inside the work was stopped.
 */
export async function withReason<Result>(
  signal: AbortSignal | undefined,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw signal?.aborted && isJangadaError(error, 'aborted') && error.cause !== signal.reason
      ? aborted(error.message, {cause: signal.reason})
      : error;
  }
}
