import type {StoredFile} from '../store/store.ts';
import {changed} from '../store/store-errors.ts';
import {type Awaitable, andThen} from '../waiting/awaitable.ts';

/**
 * Refuse to answer for another state of a file than the one that is asked for.
 *
 * @throws JangadaError `changed`.
 */
export function refuseOtherVersion(
  request: {path: string; version?: string | undefined},
  file: StoredFile,
): void {
  if (request.version !== undefined && request.version !== file.version) {
    throw changed(request.path);
  }
}

/**
 * Refuse to go on with a file that is no longer in the state that was opened.
 *
 * @throws JangadaError `changed`; also through the promise.
 */
export function refuseChanged(path: string, file: StoredFile): Awaitable<void> {
  return andThen(file.unchanged(), unchanged => {
    if (!unchanged) {
      throw changed(path);
    }
  });
}
