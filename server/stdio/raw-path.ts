/** Names that are not UTF-8, which Node does not give to a program in its arguments, and does not take in a path. */
import {constants, openSync, readFileSync} from 'node:fs';
import process from 'node:process';
import {displayName} from '../../protocol/display-text.ts';
import {JangadaError} from '../../protocol/errors.ts';
import {hasRawBytes, nameFromBytes, nameToBytes} from '../../protocol/remote-path.ts';

const replacement = '\ufffd';

/** `argv`, the last words of this process, with every byte as it was written where the system tells. */
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
 * A path of `folder` that Node can take: the same, or that of a descriptor, which stays open.
 *
 * @throws JangadaError `not_found` for one that cannot be opened.
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
