/** Errors of the local disk, in words for the user. */
import {displayName} from '../../../protocol/display-text.ts';
import {JangadaError, type LocalErrorCode, systemErrorCode} from '../../../protocol/errors.ts';

const meanings: Readonly<Record<string, [LocalErrorCode, string]>> = {
  ENOSPC: ['no_space', 'the disk is full; make room and try again'],
  EDQUOT: ['no_space', 'the quota is used up; make room and try again'],
  EACCES: ['local_io', 'permission denied'],
  EPERM: ['local_io', 'this is not permitted'],
  EROFS: ['local_io', 'the file system is read-only'],
  ENOENT: ['local_io', 'it does not exist'],
  EISDIR: ['unsafe_target', 'it is a folder'],
  ENOTDIR: ['unsafe_target', 'a part of its path is a link or a file, but has to be a folder'],
  ELOOP: ['unsafe_target', 'it is a symbolic link, and links are not followed'],
  EEXIST: ['exists', 'it exists already'],
  ENAMETOOLONG: ['local_io', 'the name is too long for this disk'],
  EFBIG: ['local_io', 'the file is larger than this disk can hold'],
  EMFILE: ['local_io', 'too many files are open here: raise the limit (ulimit -n)'],
  ENFILE: ['local_io', 'too many files are open on this machine'],
  EIO: ['local_io', 'the disk reports an error'],
};

/** `error` as a JangadaError that names `file`. A JangadaError stays as it is. */
export function localError(error: unknown, file: string): JangadaError {
  if (error instanceof JangadaError) {
    return error;
  }

  const code = systemErrorCode(error) ?? '';
  const [kind, meaning] = meanings[code] ?? ['local_io', code === '' ? 'it failed' : code];
  return new JangadaError(kind, `${displayName(file)}: ${meaning}`, {cause: error});
}

/** Whether `error` is a system error with one of `codes`. */
export function isSystemError(error: unknown, ...codes: readonly string[]): boolean {
  return codes.includes(systemErrorCode(error) ?? '');
}
