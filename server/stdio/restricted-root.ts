/**
 * The folder that the other side asks for, where it may see no more than one folder: sshd runs the command
 * in `authorized_keys` instead of the one that was asked for, and leaves that in SSH_ORIGINAL_COMMAND.
 */
import {realpathSync} from 'node:fs';
import path from 'node:path';
import {displayName} from '../../protocol/display-text.ts';
import {JangadaError} from '../../protocol/errors.ts';
import {nameFromBytes, nameToBytes} from '../../protocol/remote-path.ts';
import {unquoteWords} from '../../protocol/shell-words.ts';

/**
 * The folder that `command` asks for, below or in `folder`, without any link in its path.
 *
 * @param folder absolute.
 * @throws JangadaError `bad_request` for another command, `forbidden` for a folder elsewhere, `not_found`.
 */
export function restrictedRoot(folder: string, command: string): string {
  const words = unquoteWords(command);
  const [stdio, end, asked] = words?.slice(-3) ?? [];
  if (stdio !== '--stdio' || end !== '--' || asked === undefined || asked.includes('\0')) {
    throw new JangadaError(
      'bad_request',
      `This key is for jangada alone: jangada ssh://HOST/PATH. It was asked for '${displayName(command)}'`,
    );
  }

  return folderWithin(folder, asked);
}

/** The real path of `asked`, relative to `folder` or absolute, which has to be that or be in it. @throws as `restrictedRoot`. */
export function folderWithin(folder: string, asked: string): string {
  const limit = realPath(folder);
  if (limit === undefined) {
    throw new JangadaError('not_found', `The folder '${displayName(folder)}' does not exist`);
  }

  const place = path.resolve(limit, asked);
  const root = realPath(place);
  // Of a folder elsewhere it is not told whether it is there.
  if (!isWithin(limit, root ?? place)) {
    throw new JangadaError(
      'forbidden',
      `'${displayName(asked)}' is outside of what this key may see`,
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

/** The path of what `file` leads to; undefined if that is nothing, or cannot be looked at. */
function realPath(file: string): string | undefined {
  try {
    return nameFromBytes(realpathSync.native(nameToBytes(file), {encoding: 'buffer'}));
  } catch {
    return undefined;
  }
}
