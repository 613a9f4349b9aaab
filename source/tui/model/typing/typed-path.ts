/** Typed remote paths: they begin at the top of what the server shares, or at the folder on the screen. */
import {isSameServer, parseAddress, type Server, schemeOf} from '../../../../protocol/address.ts';
import {displayName} from '../../../../protocol/display-text.ts';
import {JangadaError} from '../../../../protocol/errors.ts';
import {parseRemotePath, type RemotePath} from '../../../../protocol/remote-path.ts';

/** Where typed paths begin. */
export type TypedFrom = {
  /** The folder on the screen. */
  readonly folder: RemotePath;
  /** The server on the screen. */
  readonly server: Server;
};

/**
 * The path of `text`: `/a/b`, `a/b`, `../b`, or an address of the server on the screen.
 *
 * @throws JangadaError `usage` for an address of another server, `bad_request` for a path that leads out of the root.
 */
export function typedPath(text: string, {folder, server}: TypedFrom): RemotePath {
  if (schemeOf(text.trim()) !== undefined) {
    const address = parseAddress(text.trim());
    if (!isSameServer(address, server)) {
      throw new JangadaError('usage', 'That is another server than the one on the screen');
    }

    return address.path;
  }

  const names = text.startsWith('/') || folder === '' ? [] : folder.split('/');
  for (const name of text.split('/')) {
    if (name === '..') {
      if (names.pop() === undefined) {
        throw new JangadaError(
          'bad_request',
          `'${displayName(text)}' leads above the top folder of the server`,
        );
      }
    } else if (name !== '' && name !== '.') {
      names.push(name);
    }
  }

  return parseRemotePath(names.join('/'));
}
