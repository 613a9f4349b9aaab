import {isJangadaError, type JangadaError} from '../../../protocol/errors.ts';
import type {RemotePath} from '../../../protocol/remote-path.ts';
import {changed, forbidden, notFound, storeError} from '../store-errors.ts';

/** The client's form of `error`, which a request about the object at `path` has caused. */
export function bucketError(error: unknown, path: RemotePath): JangadaError {
  if (isJangadaError(error, 'not_found')) {
    return notFound(path, error.cause);
  }

  if (isJangadaError(error, 'forbidden')) {
    return forbidden(path, error.cause);
  }

  return isJangadaError(error, 'changed') ? changed(path) : storeError(error, path);
}
