/**
 * The folder that an ssh client asks for, if its key may read only one folder: sshd runs the command in
 * `authorized_keys` instead of the client's command, and passes the client's command in SSH_ORIGINAL_COMMAND.
 */
import {realpathSync} from 'node:fs';
import path from 'node:path';
import {displayName} from '../../protocol/display-text.ts';
import {JangadaError} from '../../protocol/errors.ts';
import {nameFromBytes, nameToBytes} from '../../protocol/remote-path.ts';
import {unquoteWords} from '../../protocol/shell-words.ts';

/**
 * The real path of the folder that `command` asks for: `folder` or a folder below it.
 *
 * @param folder absolute.
 * @throws JangadaError `bad_request` for another command, `forbidden` for a folder outside `folder`, `not_found`.
 */
export function restrictedRoot(folder: string, command: string): string {
  const words = unquoteWords(command);
  const [stdio, end, asked] = words?.slice(-3) ?? [];
  if (stdio !== '--stdio' || end !== '--' || asked === undefined || asked.includes('\0')) {
    throw new JangadaError(
      'bad_request',
      `This key is only for jangada ssh://HOST/PATH, and cannot run '${displayName(command)}'`,
    );
  }

  return folderWithin(folder, asked);
}

/** The real path of `asked`, which may be relative to `folder`, and must be `folder` or below it. @throws as `restrictedRoot`. */
export function folderWithin(folder: string, asked: string): string {
  const limit = realPath(folder);
  if (limit === undefined) {
    throw new JangadaError('not_found', `The folder '${displayName(folder)}' does not exist`);
  }

  const place = path.resolve(limit, asked);
  const root = realPath(place);
  // Do not reveal whether a folder outside exists.
  if (!isWithin(limit, root ?? place)) {
    throw new JangadaError(
      'forbidden',
      `'${displayName(asked)}' is outside the folder that this key may read`,
    );
  }

  if (root === undefined) {
    throw new JangadaError('not_found', `The folder '${displayName(asked)}' does not exist`);
  }

  return root;
}

function isWithin(folder: string, file: string): boolean {
  const below = path.relative(folder, file);
  return below !== '..' && !below.startsWith(`..${path.sep}`) && !path.isAbsolute(below);
}

/** The real path of `file`; undefined if it does not exist or is unreadable. */
function realPath(file: string): string | undefined {
  try {
    return nameFromBytes(realpathSync.native(nameToBytes(file), {encoding: 'buffer'}));
  } catch {
    return undefined;
  }
}
