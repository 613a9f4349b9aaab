/** The complaint when standard output cannot be written. */
import {displayName} from '../../../protocol/display-text.ts';
import {isSystemError} from '../../transfers/terms/local-error.ts';

/** One line for people; undefined if the reader has closed the pipe (`| head`). */
export function unwritten(error: unknown): string | undefined {
  if (isSystemError(error, 'EPIPE')) {
    return undefined;
  }

  const why = isSystemError(error, 'ENOSPC')
    ? 'the disk is full'
    : error instanceof Error
      ? error.message
      : String(error);
  return displayName(`The results could not be written: ${why}`);
}
