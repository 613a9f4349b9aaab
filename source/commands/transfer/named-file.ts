import {displayName} from '../../../protocol/display-text.ts';
import {isJangadaError, JangadaError} from '../../../protocol/errors.ts';
import {literalMask} from '../../../protocol/masks/literal-mask.ts';
import {baseName, type RemotePath} from '../../../protocol/remote-path.ts';
import type {WantedFile} from '../../transfers/terms/new-transfer.ts';
import {named} from '../errors/named-error.ts';
import {shellWord} from '../format.ts';
import type {Job} from '../job.ts';

/**
 * The file at `remotePath`, to be saved under its own name.
 *
 * @param allInFolder the advice if it is a folder: a sentence that ends where the mask follows.
 * @throws JangadaError `not_found` and the like, naming the file.
 */
export async function namedFile(
  remotePath: RemotePath,
  {client, options, signal}: Job,
  allInFolder: string,
): Promise<Omit<WantedFile, 'folder'>> {
  let found: Awaited<ReturnType<typeof client.stat>>;
  try {
    found = await client.stat(remotePath, {signal});
  } catch (error) {
    throw named(error, remotePath);
  }

  if (found.type !== 'file') {
    const name = displayName(remotePath);
    const advice =
      found.type === 'folder'
        ? `it is a folder. ${allInFolder} ${shellWord(allIn(remotePath, options.server.path))}`
        : 'it is not a regular file: jangada cannot download it';
    throw new JangadaError('not_a_file', `${name}: ${advice}`);
  }

  return {remotePath, localPath: baseName(remotePath), size: found.size};
}

/** Whether `error` of `namedFile` concerns this file only. */
export function isAboutOneFile(error: unknown): error is JangadaError {
  return isJangadaError(error, 'not_found', 'not_a_file', 'forbidden');
}

/** The mask for everything in the folder at `path`, as written below `base`. */
function allIn(path: RemotePath, base: RemotePath): string {
  return `${literalMask(base === '' ? path : path.slice(base.length + 1))}/**`;
}
