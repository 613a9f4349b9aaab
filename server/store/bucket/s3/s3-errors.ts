/** Converts errors of S3 requests to JangadaErrors. They contain no keys and no signatures. */
import {isJangadaError, JangadaError} from '../../../../protocol/errors.ts';

/** An unsuccessful answer. `code` and `region` come from the service and are checked. */
export type S3Refusal = {status: number; code: string; region: string | undefined};

export function refusalError({status, code, region}: S3Refusal): JangadaError {
  const cause = new Error(`S3 answered ${status}${code === '' ? '' : ` ${code}`}`);
  if (region !== undefined && (status === 301 || status === 307 || status === 400)) {
    return new JangadaError(
      'internal',
      `The bucket is in another region: set AWS_REGION=${region}`,
      {
        cause,
      },
    );
  }

  switch (status) {
    case 401:
    case 403:
      return new JangadaError(
        'forbidden',
        'The keys of the server do not allow it to read this from the bucket',
        {
          cause,
        },
      );
    case 404:
      return new JangadaError(
        'not_found',
        code === 'NoSuchBucket' ? 'The bucket does not exist' : 'The bucket has no such object',
        {cause},
      );
    case 409:
    case 412:
    case 416:
      return new JangadaError('changed', 'The object has changed', {cause});
    case 408:
    case 429:
      return busy(cause);
    default:
      return status >= 500 && status !== 501 ? busy(cause) : odd(`S3 answered ${status}`, cause);
  }
}

/** The error for a connection that failed or was lost. */
export function connectionError(cause: unknown): JangadaError {
  return new JangadaError('busy', 'The bucket cannot be reached; try again later', {cause});
}

export function silentError(ms: number): JangadaError {
  const cause = new Error(`S3 was silent for ${ms} ms`);
  return new JangadaError('timed_out', 'The bucket did not answer in time; try again later', {
    cause,
  });
}

/** The error for an invalid answer. */
export function odd(what: string, cause?: unknown): JangadaError {
  return new JangadaError('internal', `The bucket sent an answer that is not valid: ${what}`, {
    cause,
  });
}

/** Whether the same request may succeed a little later. */
export function isPassing(error: unknown): boolean {
  return isJangadaError(error, 'busy', 'timed_out');
}

function busy(cause: Error): JangadaError {
  return new JangadaError('busy', 'The bucket is busy; try again later', {cause});
}
