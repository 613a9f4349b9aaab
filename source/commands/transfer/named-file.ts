import {displayName} from '../../../protocol/display-text.ts';
import {isJangadaError, JangadaError} from '../../../protocol/errors.ts';
import {literalMask} from '../../../protocol/masks/literal-mask.ts';
import {baseName, type RemotePath} from '../../../protocol/remote-path.ts';
import type {WantedFile} from '../../transfers/terms/new-transfer.ts';
import {otherCommand} from '../continuation.ts';
import {named} from '../errors/named-error.ts';
import type {Job} from '../job.ts';

/**
 * The file at `remotePath`, to be saved under its own name.
 *
 * @param allInFolder the advice if it is a folder: the command that takes all in it, and what that does.
 * @throws JangadaError `not_found` and the like, naming the file.
 */
export async function namedFile(
  remotePath: RemotePath,
  job: Pick<Job, 'client' | 'options' | 'signal'>,
  allInFolder: {command: 'mget' | 'queue add'; does: 'download' | 'queue'},
): Promise<Omit<WantedFile, 'folder'>> {
  const {client, options, signal} = job;
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
        ? `it is a folder. To ${allInFolder.does} all in it: ${otherCommand(allInFolder.command, [allIn(remotePath, options.server.path)], job)}`
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
