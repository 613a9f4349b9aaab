/**
 * Addresses of servers:
 *
 *     jangada://host:port/path                          TCP
 *     jangadas://[TOKEN@]host:port/path[#sha256:HEX]    TLS, the server known by its token or certificate
 *     ssh://[user@]host[:port]/path                     a server that ssh starts for the folder `path`
 *
 * Paths and tokens are percent-encoded as in any URL.
 */
import {isIPv6} from 'node:net';
import {displayName} from './display-text.ts';
import {JangadaError} from './errors.ts';
import {
  nameFromBytes,
  nameToBytes,
  parseRemotePath,
  type RemotePath,
  rootPath,
} from './remote-path.ts';

export const defaultPort = 1234;

/** What a client shows, and asks to be shown, before it trusts a server. */
export type Credentials = {
  /** The secret that the client and the server share. */
  readonly token?: string | undefined;
  /** SHA-256 of the certificate that the server has to have, 64 lower-case hexadecimal digits. */
  readonly fingerprint?: string | undefined;
};

export type TcpServer = Pick<Credentials, 'token'> & {
  readonly scheme: 'jangada';
  readonly host: string;
  readonly port: number;
};

export type TlsServer = Credentials & {
  readonly scheme: 'jangadas';
  readonly host: string;
  readonly port: number;
};

/** A server that ssh starts on the other machine. */
export type SshServer = {
  readonly scheme: 'ssh';
  readonly user?: string | undefined;
  /** A host, or the name of one in the configuration of ssh. */
  readonly host: string;
  /** Without it, as the configuration of ssh has it. */
  readonly port?: number | undefined;
  /** The folder that is served, as it is asked for there: `/a/b`, `./a` below the home folder, `.` for that itself. */
  readonly root: string;
};

/** A server, whatever the folder in it. */
export type Server = TcpServer | TlsServer | SshServer;

/** A server, and a folder below its root. */
export type Address = Server & {
  readonly path: RemotePath;
};

const pattern =
  /^(?:\[(?<v6>[^\]/\s]+)\]|(?<name>[\p{L}\p{M}\p{N}._-]+))(?::(?<port>\d{1,5}))?(?:\/(?<path>.*))?$/isu;

/**
 * The address in `text`; without a scheme it is taken as `host`, `host:port` or either with a path,
 * over TCP.
 *
 * @throws JangadaError `usage` if it is not one.
 */
export function parseAddress(text: string): Address {
  const parts = splitAddress(text);
  const server = serverIn(parts);
  if (server.scheme === 'ssh') {
    return {...server, path: rootPath};
  }

  try {
    return {...server, path: parseRemotePath(percentDecode(parts.encodedPath.replace(/\/$/, '')))};
  } catch (error) {
    throw notAnAddress(text, error instanceof Error ? error.message : 'bad path');
  }
}

/** The server of an address with such parts; the path is the root of one that ssh starts. */
export function serverIn(parts: AddressParts): Server {
  if (parts.scheme === 'ssh') {
    const {scheme, user, host, port, encodedPath} = parts;
    return {scheme, user, host, port, root: sshRoot(encodedPath)};
  }

  const {encodedPath, port = defaultPort, ...server} = parts;
  return {...server, port};
}

/** The parts of an address; the path as it is written, without the slash before it. */
export type AddressParts = {
  host: string;
  port: number | undefined;
  encodedPath: string;
} & (
  | {scheme: 'jangada'}
  | ({scheme: 'jangadas'} & Credentials)
  | {scheme: 'ssh'; user: string | undefined}
);

/**
 * The parts of the address in `text`, whatever its path.
 *
 * @throws JangadaError `usage` if it is not one.
 */
export function splitAddress(text: string): AddressParts {
  const trimmed = text.trim();
  if (trimmed !== text && trimmed !== '') {
    const why = 'there is white space around it, and a space that is meant is %20';
    throw notAnAddress(text, why, `'${displayName(withoutToken(trimmed))}'`);
  }

  const scheme = schemeOf(text) ?? 'jangada';
  const rest = text.replace(/^[a-z][a-z0-9+.-]*:\/\//i, '');
  switch (scheme) {
    case 'jangada':
      return {scheme, ...hostPortPath(text, rest)};
    case 'jangadas':
      return {scheme, ...withCredentials(text, rest)};
    case 'ssh': {
      const {before: user, rest: place} = splitAt(rest);
      if (user !== undefined && !/^[^\s\p{Cc}-][^\s\p{Cc}]*$/u.test(user)) {
        throw notAnAddress(text, 'the name of the user cannot be read', sshForm);
      }

      const parts = hostPortPath(text, place, sshForm);
      if (percentDecode(parts.encodedPath).includes('\0')) {
        throw notAnAddress(text, 'a path has no NUL', sshForm);
      }

      return {scheme, user, ...parts};
    }

    default:
      throw notAnAddress(text, `it begins with ${scheme}://`);
  }
}

/** `TOKEN@host:port/path#sha256:HEX`. */
function withCredentials(text: string, rest: string) {
  const [, place = rest, written] = /^(.*?)#(sha256:.*)$/is.exec(rest) ?? [];
  const {before, rest: hostAndMore} = splitAt(place);
  const token = before === undefined ? undefined : percentDecode(before);
  if (token !== undefined && !isToken(token)) {
    throw notAnAddress(text, 'its token has other than 1 to 512 visible ASCII characters', tlsForm);
  }

  const fingerprint = written === undefined ? undefined : parseFingerprint(written);
  if (written !== undefined && fingerprint === undefined) {
    throw notAnAddress(text, 'a fingerprint is sha256: and 64 hexadecimal digits', tlsForm);
  }

  return {
    ...hostPortPath(text, hostAndMore, tlsForm),
    ...(token === undefined ? {} : {token}),
    ...(fingerprint === undefined ? {} : {fingerprint}),
  };
}

/** The 64 digits of `sha256:HEX`, which may be in either case, with or without colons; undefined for other text. */
export function parseFingerprint(text: string): string | undefined {
  const digits = /^sha256:([0-9a-f:]+)$/i.exec(text)?.[1]?.replaceAll(':', '').toLowerCase();
  return digits?.length === 64 ? digits : undefined;
}

/** Whether `text` can be a token: 1 to 512 visible ASCII characters. */
export function isToken(text: string): boolean {
  return /^[\x21-\x7e]{1,512}$/.test(text);
}

/** `before@rest`, where the sign stands before the path. */
function splitAt(text: string): {before: string | undefined; rest: string} {
  const [, before, rest = text] = /^([^/@]*)@(.*)$/s.exec(text) ?? [];
  return {before, rest};
}

function hostPortPath(text: string, rest: string, form = 'jangada://HOST:PORT') {
  const parts = pattern.exec(rest)?.groups;
  const host = parts?.v6 === undefined ? parts?.name : bracketedHost(parts.v6);
  // A name that begins with a dash would be an option of ssh.
  if (parts === undefined || host === undefined || host.startsWith('-')) {
    const scheme = /^[^:]*:\/\//.exec(form)?.[0] ?? '';
    throw isIPv6(rest)
      ? notAnAddress(text, 'IPv6 stands in brackets', `${scheme}${formatHost(rest)}:PORT`)
      : notAnAddress(text, 'there is no host and port that can be read', form);
  }

  const port = parts.port === undefined ? undefined : Number(parts.port);
  if (port !== undefined && (port < 1 || port > 65_535)) {
    throw notAnAddress(text, 'a port is between 1 and 65535', form);
  }

  return {host, port, encodedPath: parts.path ?? ''};
}

const tlsForm = 'jangadas://TOKEN@HOST:PORT#sha256:HEX';
const sshForm = 'ssh://USER@HOST:PORT/PATH';

/** The folder in the path of an address of ssh, as it is asked for on the other machine. */
function sshRoot(encodedPath: string): string {
  const path = percentDecode(encodedPath.replace(/\/+$/, ''));
  if (path === '' || path === '~') {
    // The root of the other machine is `ssh://host/.`.
    return '.';
  }

  return path.startsWith('~/') ? `./${path.slice(2)}` : `/${path}`;
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
    `'${displayName(withoutToken(text))}' is not an address (${why}). Write ${instead}`,
  );
}

/** The address in `text` as it is written, but for its token: messages are seen by others. */
export function withoutToken(text: string): string {
  return text.replace(/^(\s*!?jangadas:\/\/)[^/]*@/i, '$1');
}

/** `address` as text that `parseAddress` reads, without its secrets: it may be shown and logged. */
export function formatAddress(address: Server & {readonly path?: RemotePath}): string {
  if (address.scheme === 'ssh') {
    return `ssh://${formatSsh(address)}`;
  }

  const path = encodePath(address.path ?? '');
  return `${address.scheme}://${hostAndPort(address)}${path === '' ? '' : `/${path}`}`;
}

/** The same with the credentials of a server: the line that its user shares with others. */
export function formatSharedAddress(server: TlsServer): string {
  const {fingerprint, token} = server;
  const before = token === undefined ? '' : `${percentEncode(token).replaceAll('@', '%40')}@`;
  const behind = fingerprint === undefined ? '' : `#sha256:${fingerprint}`;
  return `jangadas://${before}${hostAndPort(server)}${behind}`;
}

/** A name of the server that tells it from all others, for people and for the queue: `host:port` over TCP. */
export function serverName(server: Server): string {
  return server.scheme === 'jangada'
    ? hostAndPort(server)
    : formatAddress({...server, path: rootPath});
}

/** Whether both are one server with one queue, whatever their folders. */
export function isSameServer(one: Server, other: Server): boolean {
  return nameInOneCase(one) === nameInOneCase(other);
}

function nameInOneCase(server: Server): string {
  return serverName({...server, host: server.host.toLowerCase()});
}

/** `host:port`. */
function hostAndPort({host, port}: {host: string; port: number}): string {
  return `${formatHost(host)}:${port}`;
}

function formatSsh({host, port, root, user}: SshServer): string {
  const login = user === undefined ? '' : `${user}@`;
  const place = port === undefined ? formatHost(host) : hostAndPort({host, port});
  const path = root === '.' ? '' : root.replace(/^\.\//, '~/').replace(/^\//, '');
  return `${login}${place}${path === '' ? '' : `/${encodePath(path)}`}`;
}

/** `path` percent-encoded, name by name. */
export function encodePath(path: string): string {
  return path
    .split('/')
    .map(name => percentEncode(name))
    .join('/');
}

export function formatHost(host: string): string {
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
