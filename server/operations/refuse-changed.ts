import type {StoredFile} from '../store/store.ts';
import {changed} from '../store/store-errors.ts';
import {type Awaitable, andThen} from '../waiting/awaitable.ts';

/**
 * Refuse a file whose state is not the version that the client asked for.
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
 * Refuse a file that has changed since it was opened.
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
