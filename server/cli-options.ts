/** The arguments of `jangada-server`. */
import {isIPv6} from 'node:net';
import meow from 'meow';
import {defaultPort, splitAddress} from '../protocol/address.ts';
import {displayName} from '../protocol/display-text.ts';
import {isJangadaError, JangadaError} from '../protocol/errors.ts';
import {absolutePath} from '../protocol/program/local-path.ts';
import {withDashValues} from '../protocol/program/lone-dash.ts';
import {nearest} from '../protocol/program/nearest.ts';
import {parseRate} from '../protocol/program/parse-rate.ts';
import {type ClassicOptions, defaultPauseMs} from './classic/classic-options.ts';
import type {DoorOptions} from './doors/open-door.ts';
import {type LogLevel, logLevels} from './log-levels.ts';

export type CliOptions =
  | {show: 'help' | 'version'}
  | StdioCliOptions
  | {
      show?: undefined;
      stdio?: undefined;
      root: string;
      host: string;
      port: number;
      logLevel: LogLevel;
      workers?: number;
      maxConnections?: number;
      maxConnectionsPerAddress?: number;
      limit?: number;
      trustProxy?: readonly string[];
      door: DoorOptions;
      classic?: ClassicOptions;
    };

/** For one client at standard input and output. */
export type StdioCliOptions = {
  show?: undefined;
  stdio: true;
  root: string;
  /** The folder that the root has to be in; then `root` counts only where nobody has asked for another. */
  restrict?: string;
  logLevel: LogLevel;
  workers?: number;
  limit?: number;
};

const flags = {
  stdio: {type: 'boolean'},
  restrict: {type: 'string'},
  host: {type: 'string'},
  port: {type: 'string'},
  workers: {type: 'string'},
  maxConnections: {type: 'string'},
  maxConnectionsPerAddress: {type: 'string'},
  limit: {type: 'string'},
  trustProxy: {type: 'string'},
  classic: {type: 'boolean'},
  classicPause: {type: 'string'},
  logLevel: {type: 'string'},
  tls: {type: 'boolean'},
  tlsCert: {type: 'string'},
  tlsKey: {type: 'string'},
  tlsMin: {type: 'string'},
  insecure: {type: 'boolean'},
  tokenFile: {type: 'string'},
  // `--no-token` makes it false.
  token: {type: 'boolean', default: true},
  help: {type: 'boolean'},
  version: {type: 'boolean'},
} as const;

const flagNames = [
  'stdio',
  'restrict',
  'host',
  'port',
  'workers',
  'max-connections',
  'max-connections-per-address',
  'limit',
  'trust-proxy',
  'classic',
  'classic-pause',
  'log-level',
  'tls',
  'tls-cert',
  'tls-key',
  'tls-min',
  'insecure',
  'token-file',
  'no-token',
  'help',
  'version',
];

/** Options that take no value. */
const switches = ['classic', 'help', 'insecure', 'no-token', 'stdio', 'tls', 'version'];

/**
 * The options in `argv`, the words behind the program's name.
 *
 * @throws JangadaError `usage` with one line that says what is wrong.
 */
export function parseCliOptions(argv: readonly string[]): CliOptions {
  refuseUnknown(argv);
  const {input, flags: given} = readFlags(argv);
  if (given.help || given.version) {
    return {show: given.help ? 'help' : 'version'};
  }

  const [root = '.', second] = input;
  if (root === '') {
    throw usage('DIR is empty. Write . for the current folder');
  }

  if (second !== undefined) {
    throw usage(`Only one folder can be served, but '${displayName(second)}' is another`);
  }

  if (given.stdio) {
    return stdioOptions(root, given);
  }

  if (given.restrict !== undefined) {
    throw usage('--restrict goes with --stdio');
  }

  return {
    root,
    ...listenAt(nonEmpty('host', given.host), integer('port', given.port, 0, 65_535)),
    logLevel: logLevel(given.logLevel) ?? 'info',
    ...defined('workers', integer('workers', given.workers, 1, 256)),
    ...defined('maxConnections', integer('max-connections', given.maxConnections, 1, 10_000)),
    ...defined(
      'maxConnectionsPerAddress',
      integer('max-connections-per-address', given.maxConnectionsPerAddress, 1, 10_000),
    ),
    ...defined('limit', rate(given.limit)),
    ...trustProxy(nonEmpty('trust-proxy', given.trustProxy)),
    door: doorOptions({
      ...given,
      tlsCert: nonEmpty('tls-cert', given.tlsCert),
      tlsKey: nonEmpty('tls-key', given.tlsKey),
      tokenFile: nonEmpty('token-file', given.tokenFile),
    }),
    ...classic(given.classic === true, given.classicPause),
  };
}

type GivenDoor = {
  tls: boolean | undefined;
  tlsCert: string | undefined;
  tlsKey: string | undefined;
  tlsMin: string | undefined;
  insecure: boolean | undefined;
  tokenFile: string | undefined;
  token: boolean;
};

function doorOptions(given: GivenDoor): DoorOptions {
  const {insecure, tls, tlsCert, tlsKey, tlsMin, token, tokenFile} = given;
  if ((tlsCert === undefined) !== (tlsKey === undefined)) {
    throw usage(
      '--tls-cert and --tls-key belong together: a certificate is of no use without its key',
    );
  }

  if (insecure && (tls || tlsCert !== undefined || tlsMin !== undefined)) {
    throw usage('--insecure means no TLS: leave it out, or the options of TLS');
  }

  if (tlsMin !== undefined && tlsMin !== '1.2' && tlsMin !== '1.3') {
    throw usage(`--tls-min is 1.2 or 1.3, not '${displayName(tlsMin)}'`);
  }

  if (!token && tokenFile !== undefined) {
    throw usage('--no-token means that nobody needs one: leave it out, or --token-file');
  }

  return {
    ...(tls ? {tls} : {}),
    ...(tlsCert === undefined || tlsKey === undefined
      ? {}
      : {
          tlsFiles: {
            certificate: absolutePath(tlsCert, '--tls-cert'),
            key: absolutePath(tlsKey, '--tls-key'),
          },
        }),
    ...(tlsMin === '1.2' ? {allowsTls12: true} : {}),
    ...(insecure ? {insecure} : {}),
    ...(tokenFile === undefined ? {} : {tokenFile: absolutePath(tokenFile, '--token-file')}),
    ...(token ? {} : {noToken: true}),
  };
}

/** Options that mean nothing where nobody listens. */
const forNetworks = [
  'host',
  'port',
  'maxConnections',
  'maxConnectionsPerAddress',
  'trustProxy',
  'tls',
  'tlsCert',
  'tlsKey',
  'tlsMin',
  'tokenFile',
  'insecure',
  'classic',
  'classicPause',
] as const;

function stdioOptions(root: string, given: ReturnType<typeof readFlags>['flags']): StdioCliOptions {
  const foreign = forNetworks.find(name => (given[name] ?? false) !== false);
  if (foreign !== undefined || !given.token) {
    const flag = foreign?.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`) ?? 'no-token';
    throw usage(
      `--${flag} does not go with --stdio: there is one client, and it is the one that started this`,
    );
  }

  const restrict = nonEmpty('restrict', given.restrict);
  return {
    stdio: true,
    root,
    ...(restrict === undefined ? {} : {restrict}),
    logLevel: logLevel(given.logLevel) ?? 'warn',
    ...defined('workers', integer('workers', given.workers, 1, 256)),
    ...defined('limit', rate(given.limit)),
  };
}

/** The host and the port in --host, which may be an address as this program prints it, and --port. */
function listenAt(
  host: string | undefined,
  port: number | undefined,
): {host: string; port: number} {
  if (host === undefined || isIPv6(host)) {
    return {host: host ?? '127.0.0.1', port: port ?? defaultPort};
  }

  const address = hostOption(host);
  if (port !== undefined && address.port !== undefined && port !== address.port) {
    throw usage(`--host says port ${address.port} and --port says ${port}: leave one of them out`);
  }

  return {host: address.host, port: port ?? address.port ?? defaultPort};
}

function hostOption(text: string): {host: string; port: number | undefined} {
  let address: ReturnType<typeof splitAddress>;
  try {
    address = splitAddress(text);
  } catch (error) {
    throw isJangadaError(error) ? usage(`--host: ${error.message}`) : error;
  }

  if (address.scheme === 'ssh') {
    throw usage(
      '--host is where to listen; over ssh, clients start jangada-server --stdio themselves',
    );
  }

  if (address.encodedPath !== '') {
    throw usage(`--host is where to listen, without a folder; jangada-server DIR serves DIR`);
  }

  return address;
}

/**
 * Refuse unknown options, for which meow suggests no right name and some of which it takes for words,
 * and values that it drops.
 */
function refuseUnknown(argv: readonly string[]): void {
  const end = argv.indexOf('--');
  for (const word of end === -1 ? argv : argv.slice(0, end)) {
    if (!/^-[^\d]/.test(word)) {
      continue;
    }

    const name = word.replace(/^--?/, '').replace(/=.*$/s, '');
    if (!word.startsWith('--') || !flagNames.includes(name)) {
      const closest =
        name.length === 1
          ? flagNames.find(flag => flag.startsWith(name))
          : nearest(name, flagNames);
      const advice = closest === undefined ? '--help lists them all' : `did you mean --${closest}?`;
      throw usage(`There is no option '${displayName(word)}'; ${advice}`);
    }

    if (switches.includes(name) && word.includes('=')) {
      throw usage(`--${name} takes no value`);
    }
  }
}

function readFlags(argv: readonly string[]) {
  try {
    return meow({
      importMeta: import.meta,
      argv: withDashValues(argv, takesValue),
      autoHelp: false,
      autoVersion: false,
      inferType: false,
      // The unknown are refused above, in our own words.
      allowUnknownFlags: true,
      flags,
    });
  } catch (error) {
    throw usage(error instanceof Error ? error.message : 'These options cannot be read');
  }
}

/** Every option takes a value, but the switches. */
function takesValue(word: string): boolean {
  return flagNames.some(name => word === `--${name}` && !switches.includes(name));
}

function nonEmpty(name: string, value: string | undefined): string | undefined {
  if (value === '') {
    throw usage(`--${name} needs a value`);
  }

  return value;
}

function integer(
  name: string,
  value: string | undefined,
  low: number,
  high: number,
): number | undefined {
  const text = nonEmpty(name, value);
  if (text === undefined) {
    return undefined;
  }

  const number = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (!(number >= low && number <= high)) {
    throw usage(`--${name} is a number from ${low} to ${high}, not '${displayName(text)}'`);
  }

  return number;
}

function logLevel(value: string | undefined): LogLevel | undefined {
  const text = nonEmpty('log-level', value);
  const level = logLevels.find(level => level === text);
  if (text !== undefined && level === undefined) {
    const closest = nearest(text, logLevels);
    const advice =
      closest === undefined ? `write one of ${logLevels.join(', ')}` : `did you mean ${closest}?`;
    throw usage(`There is no log level '${displayName(text)}'; ${advice}`);
  }

  return level;
}

function rate(value: string | undefined): number | undefined {
  const text = nonEmpty('limit', value);
  const bytesPerSecond = text === undefined ? undefined : parseRate(text);
  if (text !== undefined && bytesPerSecond === undefined) {
    throw usage(
      `--limit is a rate in bytes per second such as 500k or 10M, not '${displayName(text)}'`,
    );
  }

  return bytesPerSecond;
}

/** Addresses of balancers; they are checked where they are used. */
function trustProxy(list: string | undefined): {trustProxy?: readonly string[]} {
  return list === undefined ? {} : {trustProxy: list.split(',').map(address => address.trim())};
}

/** Whether, and how, the classic dialogue is spoken. */
function classic(wanted: boolean, pause: string | undefined): {classic?: ClassicOptions} {
  const pauseMs = integer('classic-pause', pause, 0, 10_000);
  if (!wanted && pauseMs !== undefined) {
    throw usage('--classic-pause is for the classic dialogue: add --classic');
  }

  return wanted ? {classic: {pauseMs: pauseMs ?? defaultPauseMs}} : {};
}

function defined<Name extends string>(name: Name, value: number | undefined) {
  // A computed key widens to string; it is this name.
  return (value === undefined ? {} : {[name]: value}) as {[Key in Name]?: number};
}

function usage(message: string): JangadaError {
  return new JangadaError('usage', message);
}
