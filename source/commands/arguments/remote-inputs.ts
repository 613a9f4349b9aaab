/**
 * Arguments that name something on the server, in every form that they may be written in: with a
 * slash in front, or as an address of which the server and the folder are part.
 */
import {
  type Address,
  type AddressParts,
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
import {joinServers} from './server-addresses.ts';

type Input =
  | {kind: 'plain'; text: string}
  | {
      kind: 'address';
      text: string;
      parts: AddressParts;
      /** The names of its path, percent-encoded; of one of ssh from the root of that machine, or from `~`. */
      names: readonly string[];
      exclude: boolean;
    };

/**
 * Paths, files or masks relative to the folder of the server, and the options with the server that
 * they name. What an address names counts from the root.
 *
 * @throws JangadaError `usage` for a bad address, and for one of another server or folder.
 */
export function remoteInputs(
  command: CommandName,
  inputs: readonly string[],
  options: Options,
): {inputs: readonly string[]; options: Options} {
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
  const server = isGiven ? options.server : serverOf(first, commandOf(command).argument === 'PATH');
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
  // At the end of a mask a slash has a meaning.
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

/**
 * The server of `input`. One that ssh starts serves the folder of the files that are named, or the folder
 * itself that is.
 */
function serverOf(
  {names, parts}: Extract<Input, {kind: 'address'}>,
  namesFolder: boolean,
): Address {
  if (parts.scheme !== 'ssh' || namesFolder) {
    return {...serverIn(parts), path: rootPath};
  }

  const firstMask = names.findIndex(name => /[*?[\]{}\\]/.test(name));
  const folders = names.slice(0, firstMask === -1 ? -1 : firstMask);
  // A file at the top is in the root of that machine.
  const encodedPath = folders.length === 0 ? '.' : folders.join('/');
  return {...serverIn({...parts, encodedPath}), path: rootPath};
}

/** The path of `input` below the folder of `server`. @throws JangadaError `usage` if it is elsewhere. */
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

/** The names that addresses of ssh have before those below the root. */
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

/** A percent-encoded mask: what is encoded stands for itself, never for a glob sign. */
function decodeMask(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, encoded =>
    // Within braces a comma is a sign, too.
    literalMask(percentDecode(encoded)).replaceAll(',', '\\,'),
  );
}

function elsewhere(text: string, server: Address): JangadaError {
  return new JangadaError(
    'usage',
    `'${displayName(withoutToken(text))}' is not in ${displayName(formatAddress(server))}, where the other arguments and --server are. ` +
      'Write one command for each server, or --server without a folder',
  );
}
