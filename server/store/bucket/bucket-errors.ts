import {isJangadaError, type JangadaError} from '../../../protocol/errors.ts';
import type {RemotePath} from '../../../protocol/remote-path.ts';
import {changed, forbidden, notFound, storeError} from '../store-errors.ts';

/** The error for the client that stands for `error` of a request about the object at `path`. */
export function bucketError(error: unknown, path: RemotePath): JangadaError {
  if (isJangadaError(error, 'not_found')) {
    return notFound(path, error.cause);
  }

  if (isJangadaError(error, 'forbidden')) {
    return forbidden(path, error.cause);
  }

  return isJangadaError(error, 'changed') ? changed(path) : storeError(error, path);
}
