/**
 * Arguments that name a file or folder on the server, in every form: a plain path, with a slash in front, or as an
 * address that includes the server and the folder.
 */
import {
  type Address,
  type AddressParts,
  type Credentials,
  formatAddress,
  isSameServer,
  percentDecode,
  type Server,
  schemeOf,
  serverIn,
  splitAddress,
  withoutToken,
} from '../../../protocol/address.ts';
import {displayName} from '../../../protocol/display-text.ts';
import {JangadaError} from '../../../protocol/errors.ts';
import {literalMask} from '../../../protocol/masks/literal-mask.ts';
import {type RemotePath, rootPath} from '../../../protocol/remote-path.ts';
import {type CommandName, commandOf} from './catalogue.ts';
import type {Options, RawOptions} from './option-values.ts';
import {joinServers, withFingerprint} from './server-addresses.ts';

type Input =
  | {kind: 'plain'; text: string}
  | {
      kind: 'address';
      text: string;
      parts: AddressParts;
      /** The names of its path, percent-encoded. For ssh they begin at the root of that machine, or at `~`. */
      names: readonly string[];
      exclude: boolean;
    };

type Asked = {inputs: readonly string[]; options: Options};

/**
 * The paths, files or masks relative to the folder of the server, and the options with the server that they name, which
 * gets the value of --fingerprint. A path in an address counts from the root.
 *
 * @throws JangadaError `usage` for a bad address, for an address of another server or folder, or with another token or
 * fingerprint, and for a --fingerprint that the server cannot have.
 */
export function remoteInputs(
  command: CommandName,
  inputs: readonly string[],
  options: Options,
): Asked {
  const asked = inServer(command, inputs, options);
  const {fingerprint} = options.written;
  const server = withFingerprint(asked.options, fingerprint === true ? undefined : fingerprint);
  return {...asked, options: {...asked.options, server}};
}

function inServer(command: CommandName, inputs: readonly string[], options: Options): Asked {
  if (!namesRemote(command, options.written)) {
    return {inputs, options};
  }

  const hasMasks = commandOf(command).usage.includes('MASK');
  const read = inputs.map(input => readInput(input, hasMasks));
  const addresses = read.filter(input => input.kind === 'address');
  const [first] = addresses;
  if (first === undefined) {
    return {inputs: read.map(({text}) => text), options};
  }

  const isGiven = options.written.server !== undefined || addresses.length < read.length;
  const named = isGiven ? options.server : serverOf(first, commandOf(command).argument === 'PATH');
  const server = addresses.reduce(withCredentials, named);
  const others = isGiven ? options.others : [];
  const decode = hasMasks ? decodeMask : percentDecode;
  return {
    inputs: read.map(input =>
      input.kind === 'plain' ? input.text : belowServer(input, server, decode),
    ),
    options: {
      ...options,
      server,
      others,
      isServerGiven: true,
      written: {
        ...options.written,
        server: joinServers([server, ...others].map(address => formatAddress(address))),
      },
    },
  };
}

function namesRemote(command: CommandName, written: RawOptions): boolean {
  const {argument, instead} = commandOf(command);
  const isRemote = argument === 'PATH' || argument === 'FILE' || argument === 'MASK';
  return isRemote && (instead === undefined || written[instead] === undefined);
}

function readInput(input: string, hasMasks: boolean): Input {
  const exclude = hasMasks && input.startsWith('!');
  const text = exclude ? input.slice(1) : input;
  if (schemeOf(text.trimStart()) === undefined) {
    return {kind: 'plain', text: `${exclude ? '!' : ''}${text.replace(/^\//, '')}`};
  }

  const parts = splitAddress(text);
  // A slash at the end of a mask has a meaning, so it stays.
  const path = hasMasks ? parts.encodedPath : parts.encodedPath.replace(/\/$/, '');
  const names = path.split('/');
  return {
    kind: 'address',
    text: input,
    parts,
    names: parts.scheme === 'ssh' && path === '' ? ['~'] : names,
    exclude,
  };
}

/** The server of `input`. A server that ssh starts serves the folder of the named files, or the named folder itself. */
function serverOf(
  {names, parts}: Extract<Input, {kind: 'address'}>,
  namesFolder: boolean,
): Address {
  if (parts.scheme !== 'ssh' || namesFolder) {
    return {...serverIn(parts), path: rootPath};
  }

  const firstMask = names.findIndex(name => /[*?[\]{}\\]/.test(name));
  const folders = names.slice(0, firstMask === -1 ? -1 : firstMask);
  // For a file at the top, the folder is the root of that machine.
  const encodedPath = folders.length === 0 ? '.' : folders.join('/');
  return {...serverIn({...parts, encodedPath}), path: rootPath};
}

/**
 * `server` with the token and the fingerprint that the address `input` of this server has.
 *
 * @throws JangadaError `usage` if `server` has other ones.
 */
function withCredentials(
  server: Address,
  {parts, text}: Extract<Input, {kind: 'address'}>,
): Address {
  const own = serverIn(parts);
  if (own.scheme === 'ssh' || server.scheme === 'ssh' || !isSameServer(own, server)) {
    return server;
  }

  const others: Credentials = server;
  const {token = others.token, fingerprint = others.fingerprint}: Credentials = own;
  const isOther = (one: string | undefined, other: string | undefined) =>
    one !== undefined && one !== other;
  if (isOther(others.token, token) || isOther(others.fingerprint, fingerprint)) {
    throw usage(
      `'${displayName(withoutToken(text))}' has another token or fingerprint than the other addresses of its server. ` +
        'Leave the wrong one out',
    );
  }

  return server.scheme === 'jangadas' ? {...server, token, fingerprint} : {...server, token};
}

/**
 * The path of `input` below the folder of `server`.
 *
 * @throws JangadaError `usage` if `input` is on another server or in another folder.
 */
function belowServer(
  input: Extract<Input, {kind: 'address'}>,
  server: Address,
  decode: (text: string) => string,
): string {
  const own = serverIn(input.parts);
  // The folder in an address of ssh is part of its server.
  const isSame =
    own.scheme === 'ssh' && server.scheme === 'ssh'
      ? isSameServer({...own, root: server.root}, server)
      : isSameServer(own, server);
  const base = [...rootNames(server), ...namesOf(server.path)];
  if (!isSame || base.some((name, at) => name !== percentDecode(input.names[at] ?? ''))) {
    throw elsewhere(input.text, server);
  }

  const below = input.names.slice(base.length).join('/');
  return `${input.exclude ? '!' : ''}${decode(below)}`;
}

/** The names in front of the root in addresses of ssh. */
function rootNames(server: Server): string[] {
  if (server.scheme !== 'ssh' || server.root === '/.') {
    return [];
  }

  return server.root
    .replace(/^\.(?=\/|$)/, '~')
    .replace(/^\//, '')
    .split('/');
}

function namesOf(path: RemotePath): string[] {
  return path === '' ? [] : path.split('/');
}

/** A percent-encoded mask: an encoded character stands for itself, never for a glob sign. */
function decodeMask(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, encoded =>
    // Within braces a comma is a glob sign, too.
    literalMask(percentDecode(encoded)).replaceAll(',', '\\,'),
  );
}

function elsewhere(text: string, server: Address): JangadaError {
  return usage(
    `'${displayName(withoutToken(text))}' is not in ${displayName(formatAddress(server))}, which the other arguments and --server name. ` +
      'Write one command for each server, or --server without a folder',
  );
}

function usage(message: string): JangadaError {
  return new JangadaError('usage', message);
}
