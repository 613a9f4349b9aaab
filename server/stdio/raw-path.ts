/** Handles names that are not UTF-8: Node neither passes them to a program as arguments nor accepts them in a path. */
import {constants, openSync, readFileSync} from 'node:fs';
import process from 'node:process';
import {displayName} from '../../protocol/display-text.ts';
import {JangadaError} from '../../protocol/errors.ts';
import {hasRawBytes, nameFromBytes, nameToBytes} from '../../protocol/remote-path.ts';

const replacement = '\ufffd';

/** `argv`, the last words of this process, with the bytes as the caller wrote them, if the system shows them. */
export function rawArguments(argv: readonly string[]): readonly string[] {
  if (process.platform !== 'linux' || !argv.some(word => word.includes(replacement))) {
    return argv;
  }

  const line = readFileSync('/proc/self/cmdline');
  const words: string[] = [];
  for (let from = 0; from < line.length; ) {
    const end = line.indexOf(0, from);
    words.push(nameFromBytes(line.subarray(from, end)));
    from = end + 1;
  }

  return words.slice(-argv.length);
}

/**
 * A path for `folder` that Node accepts: the same path, or the path of a descriptor, which stays open.
 *
 * @throws JangadaError `not_found` if the folder cannot be opened.
 */
export function plainPath(folder: string): string {
  if (process.platform !== 'linux' || !hasRawBytes(folder)) {
    return folder;
  }

  try {
    return `/proc/self/fd/${openSync(nameToBytes(folder), constants.O_RDONLY | constants.O_DIRECTORY)}`;
  } catch (error) {
    throw new JangadaError('not_found', `The folder '${displayName(folder)}' does not exist`, {
      cause: error,
    });
  }
}
