/** The format of a token file: one token on each line, `[NAME=]TOKEN [folder=PATH] [expires=TIME]`. */
import {encodePath, isToken, percentDecode} from '../address.ts';
import {displayName} from '../display-text.ts';
import {JangadaError} from '../errors.ts';
import {parseRemotePath, type RemotePath, rootPath} from '../remote-path.ts';

export type Token = {
  readonly name: string | undefined;
  readonly token: string;
  /** The folder below the root of the server that is the root for the holder of the token. */
  readonly folder: RemotePath;
  /** Milliseconds since 1970; undefined: never. */
  readonly expiresMs: number | undefined;
};

export const tokenName = /^[A-Za-z0-9._-]{1,64}$/;

/**
 * The tokens in the text of a file; ignores empty lines and lines that begin with `#`.
 *
 * @throws JangadaError `bad_request`, which names the line and no secret.
 */
export function parseTokens(text: string): Token[] {
  const tokens = text.split(/\r?\n/).flatMap((line, index) => {
    const words = line.trim().split(/\s+/);
    return line.trim() === '' || line.trimStart().startsWith('#') ? [] : [parse(words, index + 1)];
  });
  const names = new Set<string>();
  for (const {name} of tokens) {
    if (name !== undefined && names.has(name)) {
      throw new JangadaError('bad_request', `Two tokens have the name '${displayName(name)}'`);
    }

    if (name !== undefined) {
      names.add(name);
    }
  }

  return tokens;
}

function parse([first = '', ...attributes]: readonly string[], line: number): Token {
  const [, name, named] = /^([A-Za-z0-9._-]{1,64})=(.*[^=].*)$/.exec(first) ?? [];
  const token = named ?? first;
  if (!isToken(token)) {
    throw wrong(line, 'a token is 1 to 512 visible ASCII characters');
  }

  let folder: RemotePath = rootPath;
  let expiresMs: number | undefined;
  for (const attribute of attributes) {
    const [, key = '', value = ''] = /^(folder|expires)=(.+)$/.exec(attribute) ?? [];
    if (key === 'folder') {
      folder = folderOf(value, line);
    } else if (key === 'expires' && Number.isFinite(Date.parse(value))) {
      expiresMs = Date.parse(value);
    } else {
      throw wrong(line, 'only folder=PATH and expires=TIME may follow a token');
    }
  }

  return {name, token, folder, expiresMs};
}

function folderOf(text: string, line: number): RemotePath {
  try {
    return parseRemotePath(percentDecode(text).replace(/^\/+|\/+$/g, ''));
  } catch (error) {
    throw wrong(line, error instanceof Error ? error.message : 'no folder');
  }
}

function wrong(line: number, why: string): JangadaError {
  return new JangadaError('bad_request', `Line ${line} of the tokens cannot be read: ${why}`);
}

/** `token` as a line for `parseTokens`, without a line feed. */
export function formatToken({expiresMs, folder, name, token}: Token): string {
  return [
    name === undefined ? token : `${name}=${token}`,
    ...(folder === rootPath ? [] : [`folder=${encodePath(folder)}`]),
    ...(expiresMs === undefined ? [] : [`expires=${new Date(expiresMs).toISOString()}`]),
  ].join(' ');
}
