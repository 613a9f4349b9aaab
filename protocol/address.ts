/**
 * Addresses of servers: `jangada://host:port/path`. The path, percent-encoded as in any URL,
 * is the remote folder to begin in.
 */
import {isIPv6} from 'node:net';
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
  /^(?:jangada:\/\/)?(?:\[(?<v6>[^\]/\s]+)\]|(?<name>[\p{L}\p{M}\p{N}._-]+))(?::(?<port>\d{1,5}))?(?:\/(?<path>.*))?$/isu;

/**
 * The address in `text`; without `jangada://` it is taken as `host`, `host:port` or either
 * with a path.
 *
 * @throws JangadaError `usage` if it is not one.
 */
export function parseAddress(text: string): Address {
  const {host, port = defaultPort, encodedPath} = splitAddress(text);
  try {
    return {host, port, path: parseRemotePath(percentDecode(encodedPath.replace(/\/$/, '')))};
  } catch (error) {
    throw notAnAddress(text, error instanceof Error ? error.message : 'bad path');
  }
}

/**
 * The parts of the address in `text`: the path as it is written, without the slash before it.
 *
 * @throws JangadaError `usage` if it is not one, whatever its path.
 */
export function splitAddress(text: string): {
  host: string;
  port: number | undefined;
  encodedPath: string;
} {
  const trimmed = text.trim();
  if (trimmed !== text && trimmed !== '') {
    const why = 'there is white space around it, and a space that is meant is %20';
    throw notAnAddress(text, why, `'${displayName(trimmed)}'`);
  }

  const scheme = schemeOf(text);
  if (scheme !== undefined && scheme !== 'jangada') {
    throw notAnAddress(text, `it begins with ${scheme}://`);
  }

  const parts = pattern.exec(text)?.groups;
  const host = parts?.v6 === undefined ? parts?.name : bracketedHost(parts.v6);
  if (parts === undefined || host === undefined) {
    const bare = text.replace(/^jangada:\/\//i, '');
    throw isIPv6(bare)
      ? notAnAddress(text, 'IPv6 stands in brackets', `jangada://${formatHost(bare)}:PORT`)
      : notAnAddress(text, 'there is no host and port that can be read');
  }

  const port = parts.port === undefined ? undefined : Number(parts.port);
  if (port !== undefined && (port < 1 || port > 65_535)) {
    throw notAnAddress(text, 'a port is between 1 and 65535');
  }

  return {host, port, encodedPath: parts.path ?? ''};
}

/** The scheme that `text` begins with, in lower case; undefined if there is none. */
export function schemeOf(text: string): string | undefined {
  return /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase();
}

/**
 * An IPv6 address as it stands in brackets, where a link-local one names its interface behind `%`, or
 * behind `%25` with what is not a letter or a digit percent-encoded.
 */
function bracketedHost(text: string): string | undefined {
  const [, ip = '', written] = /^([^%]+)(?:%(.+))?$/.exec(text) ?? [];
  if (!isIPv6(ip)) {
    return undefined;
  }

  if (written === undefined) {
    return ip;
  }

  const zone = /^25./.test(written) ? percentDecode(written.slice(2)) : written;
  return /^[^\s/\]\p{Cc}\p{Cs}]+$/u.test(zone) ? `${ip}%${zone}` : undefined;
}

/** The string that stands for the bytes that a percent-encoded `text` means. */
export function percentDecode(text: string): string {
  const bytes: number[] = [];
  for (const part of text.matchAll(/%([0-9a-f]{2})|[^%]+|%/gi)) {
    if (part[1] === undefined) {
      bytes.push(...nameToBytes(part[0]));
    } else {
      bytes.push(Number.parseInt(part[1], 16));
    }
  }

  return nameFromBytes(Uint8Array.from(bytes));
}

function notAnAddress(text: string, why: string, instead = 'jangada://HOST:PORT'): JangadaError {
  return new JangadaError(
    'usage',
    `'${displayName(text)}' is not an address (${why}). Write ${instead}`,
  );
}

/** `address` as text that `parseAddress` reads. */
export function formatAddress(address: {host: string; port: number; path?: RemotePath}): string {
  const path = (address.path ?? '')
    .split('/')
    .map(name => percentEncode(name))
    .join('/');
  return `jangada://${hostAndPort(address)}${path === '' ? '' : `/${path}`}`;
}

/** The same for the server alone, without `jangada://`. */
export function hostAndPort({host, port}: {host: string; port: number}): string {
  return `${formatHost(host)}:${port}`;
}

function formatHost(host: string): string {
  if (!host.includes(':')) {
    return host;
  }

  const [ip = '', zone] = host.split(/%(.*)/s);
  if (zone === undefined) {
    return `[${ip}]`;
  }

  const encoded = percentEncode(zone);
  // `%eth0` is how every other tool shows it; `%25` where that could be read as something else.
  return encoded === zone && !zone.startsWith('25') ? `[${ip}%${zone}]` : `[${ip}%25${encoded}]`;
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
