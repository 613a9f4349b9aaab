/**
 * Addresses of servers: `jangada://host:port/path`. The path, percent-encoded as in any URL,
 * is the remote folder to begin in.
 */
import {displayName} from './display-text.ts';
import {JangadaError} from './errors.ts';
import {nameFromBytes, nameToBytes, parseRemotePath, type RemotePath} from './remote-path.ts';

export const defaultPort = 1234;

export type Address = {
  host: string;
  port: number;
  path: RemotePath;
};

const pattern =
  /^(?:jangada:\/\/)?(?:\[(?<v6>[0-9a-f:.]+)\]|(?<name>[a-z0-9._-]+))(?::(?<port>\d{1,5}))?(?:\/(?<path>.*))?$/is;

/**
 * The address in `text`; without `jangada://` it is taken as `host`, `host:port` or either
 * with a path.
 *
 * @throws JangadaError `usage` if it is not one.
 */
export function parseAddress(text: string): Address {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase();
  if (scheme !== undefined && scheme !== 'jangada') {
    throw notAnAddress(text, `it begins with ${scheme}://`);
  }

  const parts = pattern.exec(text)?.groups;
  const host = parts?.v6 ?? parts?.name;
  if (parts === undefined || host === undefined) {
    throw notAnAddress(text, 'there is no host and port that can be read');
  }

  const port = parts.port === undefined ? defaultPort : Number(parts.port);
  if (port < 1 || port > 65_535) {
    throw notAnAddress(text, 'a port is between 1 and 65535');
  }

  try {
    const path = percentDecode((parts.path ?? '').replace(/\/$/, ''));
    return {host, port, path: parseRemotePath(path)};
  } catch (error) {
    throw notAnAddress(text, error instanceof Error ? error.message : 'bad path');
  }
}

function percentDecode(path: string): string {
  const bytes: number[] = [];
  for (const part of path.matchAll(/%([0-9a-f]{2})|[^%]+|%/gi)) {
    if (part[1] === undefined) {
      bytes.push(...nameToBytes(part[0]));
    } else {
      bytes.push(Number.parseInt(part[1], 16));
    }
  }

  return nameFromBytes(Uint8Array.from(bytes));
}

function notAnAddress(text: string, why: string): JangadaError {
  return new JangadaError(
    'usage',
    `'${displayName(text)}' is not an address (${why}). Write jangada://HOST:PORT`,
  );
}

/** `address` as text that `parseAddress` reads. */
export function formatAddress(address: {host: string; port: number; path?: RemotePath}): string {
  const host = address.host.includes(':') ? `[${address.host}]` : address.host;
  const path = (address.path ?? '')
    .split('/')
    .map(name => percentEncode(name))
    .join('/');
  return `jangada://${host}:${address.port}${path === '' ? '' : `/${path}`}`;
}

function percentEncode(name: string): string {
  let text = '';
  for (const byte of nameToBytes(name)) {
    const character = String.fromCharCode(byte);
    text += /[A-Za-z0-9._~!$&'()*+,;=:@-]/.test(character)
      ? character
      : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }

  return text;
}
