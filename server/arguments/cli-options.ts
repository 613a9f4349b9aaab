/** The arguments of `jangada-server`. */
import {displayName} from '../../protocol/display-text.ts';
import {absolutePath} from '../../protocol/program/local-path.ts';
import {type ClassicOptions, defaultPauseMs} from '../classic/classic-options.ts';
import type {DoorOptions} from '../doors/open-door.ts';
import type {DigestsOption} from '../indexes/shelves/open-shelf.ts';
import type {LogLevel} from '../log-levels.ts';
import type {MetricsAddress} from '../metrics/metrics-port.ts';
import {isBucketUrl} from '../store/bucket/s3/bucket-place.ts';
import {doorOptions} from './door-options.ts';
import {readFlags, refuseUnknown, wordOf} from './flags.ts';
import {listenAt} from './listen-at.ts';
import {rootOptions} from './root-options.ts';
import {defined, integer, logLevel, nonEmpty, rate, seconds, usage} from './values.ts';

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
      processes?: number;
      s3Endpoint?: string;
      workers?: number;
      maxConnections?: number;
      maxConnectionsPerAddress?: number;
      limit?: number;
      digests?: DigestsOption;
      trustProxy?: readonly string[];
      drainMs?: number;
      graceMs?: number;
      metrics?: MetricsAddress;
      door: DoorOptions;
      classic?: ClassicOptions;
    };

/** Options for one client at standard input and output. */
export type StdioCliOptions = {
  show?: undefined;
  stdio: true;
  root: string;
  /** The folder that must contain the root. With it, `root` applies only if the client asks for no other root. */
  restrict?: string;
  logLevel: LogLevel;
  workers?: number;
  limit?: number;
  digests?: DigestsOption;
};

/**
 * The options in `argv`, the words after the program's name.
 *
 * @throws JangadaError `usage` with one line that says what the error is.
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
    throw usage(
      `jangada-server serves one folder or bucket, and '${displayName(second)}' is a second one`,
    );
  }

  if (given.stdio) {
    return stdioOptions(root, given);
  }

  if (given.restrict !== undefined) {
    throw usage('--restrict needs --stdio');
  }

  return {
    root,
    ...listenAt(nonEmpty('host', given.host), integer('port', given.port, 0, 65_535)),
    logLevel: logLevel(given.logLevel) ?? 'info',
    ...defined('processes', integer('processes', given.processes, 1, 64)),
    ...rootOptions(root, given),
    ...defined('maxConnections', integer('max-connections', given.maxConnections, 1, 10_000)),
    ...defined(
      'maxConnectionsPerAddress',
      integer('max-connections-per-address', given.maxConnectionsPerAddress, 1, 10_000),
    ),
    ...defined('limit', rate(given.limit)),
    ...defined('drainMs', seconds('drain', given.drain)),
    ...defined('graceMs', seconds('grace', given.grace)),
    ...digests(nonEmpty('digests', given.digests)),
    ...metrics(nonEmpty('metrics', given.metrics)),
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

/** Options that have no meaning with --stdio, where the server does not listen. */
const forNetworks = [
  's3Endpoint',
  'host',
  'port',
  'processes',
  'maxConnections',
  'maxConnectionsPerAddress',
  'trustProxy',
  'drain',
  'grace',
  'metrics',
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
    const flag = wordOf(foreign ?? 'token');
    throw usage(`--${flag} does not go with --stdio, which serves only the client that started it`);
  }

  if (isBucketUrl(root)) {
    throw usage('--stdio cannot serve a bucket: leave out --stdio');
  }

  const restrict = nonEmpty('restrict', given.restrict);
  return {
    stdio: true,
    root,
    ...(restrict === undefined ? {} : {restrict}),
    logLevel: logLevel(given.logLevel) ?? 'warn',
    ...defined('workers', integer('workers', given.workers, 1, 256)),
    ...defined('limit', rate(given.limit)),
    ...digests(nonEmpty('digests', given.digests)),
  };
}

/** Where the server keeps digests for its next start. */
function digests(where: string | undefined): {digests?: DigestsOption} {
  if (where === undefined) {
    return {};
  }

  return where === 'none'
    ? {digests: {kind: 'memory'}}
    : {digests: {kind: 'folder', folder: absolutePath(where, '--digests')}};
}

/** Addresses of balancers; `ProxyGate` checks them. */
function trustProxy(list: string | undefined): {trustProxy?: readonly string[]} {
  return list === undefined ? {} : {trustProxy: list.split(',').map(address => address.trim())};
}

function metrics(text: string | undefined): {metrics?: MetricsAddress} {
  if (text === undefined) {
    return {};
  }

  const [, bracketed, plain, digits = ''] =
    /^(?:\[([^[\]]+)\]|([^:[\]/]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  if (host === undefined || Number(digits) > 65_535) {
    throw usage(
      `Invalid value '${displayName(text)}' for --metrics: use HOST:PORT such as 127.0.0.1:9464 or [::1]:9464`,
    );
  }

  return {metrics: {host, port: Number(digits)}};
}

/** Whether the server answers the classic dialogue, and with which pause. */
function classic(wanted: boolean, pause: string | undefined): {classic?: ClassicOptions} {
  const pauseMs = integer('classic-pause', pause, 0, 10_000);
  if (!wanted && pauseMs !== undefined) {
    throw usage('--classic-pause needs --classic');
  }

  return wanted ? {classic: {pauseMs: pauseMs ?? defaultPauseMs}} : {};
}
