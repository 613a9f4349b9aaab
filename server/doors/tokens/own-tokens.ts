/** The token file of this user: servers create it, and `jangada-server token` edits it. */
import {randomBytes} from 'node:crypto';
import {join} from 'node:path';
import {displayName} from '../../../protocol/display-text.ts';
import {JangadaError} from '../../../protocol/errors.ts';
import {readPrivateFile, writePrivateFile} from '../../../protocol/program/private-file.ts';
import {formatToken, parseTokens, type Token} from '../../../protocol/program/tokens.ts';
import {underLock} from '../../../protocol/program/under-lock.ts';
import {rootPath} from '../../../protocol/remote-path.ts';

const heading = '# Tokens of jangada-server: anybody who knows one can read the served files.\n';

/** The token file in `folder`, the folder for state. */
export function ownTokensFile(folder: string): string {
  return join(folder, 'server-tokens');
}

/** Create the file with one token if it does not exist. */
export function ensureOwnTokens(file: string): void {
  if (readPrivateFile(file) !== undefined) {
    return;
  }

  underLock(file, () => {
    // Another server may have started at the same moment.
    if (readPrivateFile(file) === undefined) {
      const token = {name: 'first', token: newToken(), folder: rootPath, expiresMs: undefined};
      writePrivateFile(file, `${heading}${formatToken(token)}\n`, 'JANGADA_STATE');
    }
  });
}

/** 256 random bits. */
function newToken(): string {
  return randomBytes(32).toString('base64url');
}

/** Add a token to `file`. @throws JangadaError `exists` if a token has this name. */
export function addToken(file: string, added: Omit<Token, 'token'> & {name: string}): Token {
  return underLock(file, () => {
    const text = readPrivateFile(file) ?? heading;
    if (parseTokens(text).some(({name}) => name === added.name)) {
      throw new JangadaError(
        'exists',
        `There is a token called '${displayName(added.name)}': remove it first, or choose another name`,
      );
    }

    const token = {...added, token: newToken()};
    writePrivateFile(file, `${text.replace(/([^\n])$/, '$1\n')}${formatToken(token)}\n`);
    return token;
  });
}

/** Remove a token from `file`. @throws JangadaError `not_found` if no token has this name. */
export function removeToken(file: string, name: string): void {
  if (readPrivateFile(file) === undefined) {
    // Nothing is made where there are no tokens.
    throw unknownToken(name);
  }

  underLock(file, () => {
    const lines = (readPrivateFile(file) ?? '').split('\n');
    const left = lines.filter(line => parseTokens(line)[0]?.name !== name);
    if (left.length === lines.length) {
      throw unknownToken(name);
    }

    writePrivateFile(file, left.join('\n'));
  });
}

function unknownToken(name: string): JangadaError {
  return new JangadaError(
    'not_found',
    `Unknown token '${displayName(name)}': run jangada-server token list to see the tokens`,
  );
}
