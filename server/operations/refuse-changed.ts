import {shortName} from '../../protocol/display-text.ts';
import {JangadaError} from '../../protocol/errors.ts';
import type {StoredFile} from '../store/store.ts';

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

/** @throws JangadaError `changed` if the file is no longer the state that was opened. */
export function refuseChanged(path: string, file: StoredFile): void {
  if (!file.unchanged()) {
    throw changed(path);
  }
}

export function changed(path: string): JangadaError {
  return new JangadaError(
    'changed',
    `'${shortName(path)}' has changed: ask for it again without a version`,
  );
}
