/**
 * Addresses of servers:
 *
 *     jangada://host:port/path                          TCP
 *     jangadas://[TOKEN@]host:port/path[#sha256:HEX]    TLS; a token or the certificate identifies the server
 *     ssh://[user@]host[:port]/path                     ssh starts a server for the folder `path`
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

/** What a client needs to trust a server. */
export type Credentials = {
  /** The secret that the client and the server share. */
  readonly token?: string | undefined;
  /** SHA-256 of the expected server certificate, 64 lower-case hexadecimal digits. */
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
  /** A host, or a host name from the ssh configuration. */
  readonly host: string;
  /** Default: the port in the ssh configuration. */
  readonly port?: number | undefined;
  /** The folder to serve, as the command over there names it: `/a/b`, `./a` below the home folder, `.` the home folder. */
  readonly root: string;
};

/** A server, without a folder in it. */
export type Server = TcpServer | TlsServer | SshServer;

/** A server, and a folder below its root. */
export type Address = Server & {
  readonly path: RemotePath;
};

const pattern =
  /^(?:\[(?<v6>[^\]/\s]+)\]|(?<name>[\p{L}\p{M}\p{N}._-]+))(?::(?<port>\d{1,5}))?(?:\/(?<path>.*))?$/isu;

/**
 * The address in `text`. Text without a scheme means `host` or `host:port`, with or without a path, over TCP.
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

/** The server of an address with these parts; for ssh, the path is the root of the server. */
export function serverIn(parts: AddressParts): Server {
  if (parts.scheme === 'ssh') {
    const {scheme, user, host, port, encodedPath} = parts;
    return {scheme, user, host, port, root: sshRoot(encodedPath)};
  }

  const {encodedPath, port = defaultPort, ...server} = parts;
  return {...server, port};
}

/** The parts of an address; the path is as written, without the slash before it. */
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
 * The parts of the address in `text`; does not check the path.
 *
 * @throws JangadaError `usage` if it is not one.
 */
export function splitAddress(text: string): AddressParts {
  const trimmed = text.trim();
  if (trimmed !== text && trimmed !== '') {
    const why = 'it has white space around it; write a space that belongs to it as %20';
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
        throw notAnAddress(text, 'the user name is not valid', sshForm);
      }

      const parts = hostPortPath(text, place, sshForm);
      if (percentDecode(parts.encodedPath).includes('\0')) {
        throw notAnAddress(text, 'a path cannot contain NUL', sshForm);
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
    throw notAnAddress(text, 'a token is 1 to 512 visible ASCII characters', tlsForm);
  }

  const fingerprint = written === undefined ? undefined : parseFingerprint(written);
  if (written !== undefined && fingerprint === undefined) {
    // After the fingerprint one would write what comes after any other address.
    const why = /^sha256:[0-9a-f:]+\//i.test(written)
      ? 'the path goes before #'
      : 'a fingerprint is sha256: and 64 hexadecimal digits';
    throw notAnAddress(text, why, tlsForm);
  }

  return {
    ...hostPortPath(text, hostAndMore, tlsForm),
    ...(token === undefined ? {} : {token}),
    ...(fingerprint === undefined ? {} : {fingerprint}),
  };
}

/** The 64 digits of `sha256:HEX`, in lower case. `text` may have either case, and colons; undefined for other text. */
export function parseFingerprint(text: string): string | undefined {
  const digits = /^sha256:([0-9a-f:]+)$/i.exec(text)?.[1]?.replaceAll(':', '').toLowerCase();
  return digits?.length === 64 ? digits : undefined;
}

/** Whether `text` can be a token: 1 to 512 visible ASCII characters. */
export function isToken(text: string): boolean {
  return /^[\x21-\x7e]{1,512}$/.test(text);
}

/** Split `before@rest`, if the `@` is before the path. */
function splitAt(text: string): {before: string | undefined; rest: string} {
  const [, before, rest = text] = /^([^/@]*)@(.*)$/s.exec(text) ?? [];
  return {before, rest};
}

function hostPortPath(text: string, rest: string, form = 'jangada://HOST:PORT') {
  const parts = pattern.exec(rest)?.groups;
  const host = parts?.v6 === undefined ? parts?.name : bracketedHost(parts.v6);
  // ssh would take a name that begins with a dash for an option.
  if (parts === undefined || host === undefined || host.startsWith('-')) {
    const scheme = /^[^:]*:\/\//.exec(form)?.[0] ?? '';
    throw isIPv6(rest)
      ? notAnAddress(text, 'an IPv6 address needs brackets', `${scheme}${formatHost(rest)}:PORT`)
      : notAnAddress(text, 'it has no valid host and port', form);
  }

  const port = parts.port === undefined ? undefined : Number(parts.port);
  if (port !== undefined && (port < 1 || port > 65_535)) {
    throw notAnAddress(text, 'a port is between 1 and 65535', form);
  }

  return {host, port, encodedPath: parts.path ?? ''};
}

const tlsForm = 'jangadas://TOKEN@HOST:PORT/FOLDER#sha256:HEX';
const sshForm = 'ssh://USER@HOST:PORT/PATH';

/** The folder in the path of an ssh address, as the command on the other machine names it. */
function sshRoot(encodedPath: string): string {
  const path = percentDecode(encodedPath.replace(/\/+$/, ''));
  if (path === '' || path === '~') {
    // The home folder. The root folder of the other machine is `ssh://host/.`.
    return '.';
  }

  return path.startsWith('~/') ? `./${path.slice(2)}` : `/${path}`;
}

/** The scheme that `text` begins with, in lower case; undefined if there is none. */
export function schemeOf(text: string): string | undefined {
  return /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase();
}

/**
 * The IPv6 address in brackets. A link-local address names its interface after `%`, or percent-encoded after `%25`.
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

/** The string for the bytes in the percent-encoded `text`; see `nameFromBytes`. */
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

/** The address in `text` without its token, because other people see messages. */
export function withoutToken(text: string): string {
  return text.replace(/^(\s*!?jangadas:\/\/)[^/]*@/i, '$1');
}

/** `address` as text for `parseAddress`, without secrets: safe to show and to log. */
export function formatAddress(address: Server & {readonly path?: RemotePath}): string {
  if (address.scheme === 'ssh') {
    return `ssh://${formatSsh(address)}`;
  }

  const path = encodePath(address.path ?? '');
  return `${address.scheme}://${hostAndPort(address)}${path === '' ? '' : `/${path}`}`;
}

/** The address with the credentials of the server: the line that its user gives to others. */
export function formatSharedAddress(server: TlsServer): string {
  const {fingerprint, token} = server;
  const before = token === undefined ? '' : `${percentEncode(token).replaceAll('@', '%40')}@`;
  const behind = fingerprint === undefined ? '' : `#sha256:${fingerprint}`;
  return `jangadas://${before}${hostAndPort(server)}${behind}`;
}

/** A unique name of the server, for people and for the queue: `host:port` over TCP. */
export function serverName(server: Server): string {
  return server.scheme === 'jangada'
    ? hostAndPort(server)
    : formatAddress({...server, path: rootPath});
}

/** Whether both are the same server with the same queue; ignores their folders. */
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
  // Write `%eth0` like every other tool; write `%25` where `%` would be ambiguous.
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
