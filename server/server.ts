/** The server: a port, its connections, and the means that they share. */

import {type AddressInfo, createServer, type Server} from 'node:net';
import {setTimeout as delay} from 'node:timers/promises';
import {type Logger, pino} from 'pino';
import {defaultPort, formatAddress} from '../protocol/address.ts';
import {displayName} from '../protocol/display-text.ts';
import {JangadaError} from '../protocol/errors.ts';
import {type Audience, audienceOf} from './audience.ts';
import {type ConnectionLimits, Connections} from './connection/connections.ts';
import type {Door} from './doors/door.ts';
import {sharedAddress} from './doors/shown-address.ts';
import {TokenFolders} from './doors/token-folders.ts';
import {DigestIndex} from './indexes/digest-index.ts';
import type {DigestShelf} from './indexes/digest-shelf.ts';
import {HashIndex} from './indexes/hash-index.ts';
import {PatientShelf} from './indexes/patient-shelf.ts';
import type {Services} from './operations/exchange.ts';
import {Readiness} from './readiness.ts';
import {openRoot} from './roots/open-root.ts';
import type {Store} from './store/store.ts';
import {type Deadlines, defaultDeadlines} from './waiting/deadlines.ts';

export type ServerOptions = ConnectionLimits & {
  /** What to serve: the path of a folder, the URL of a bucket; or a store, which is not closed with the server. */
  root: string | Store;
  /** The service of a bucket; without it that of the environment, or AWS. */
  s3Endpoint?: string;
  /** Whether digests are kept in a bucket that is served; true without it. */
  keepsDigests?: boolean;
  /** Address to listen on; 127.0.0.1 without it. */
  host?: string;
  /** 0: any that is free; 1234 without it. */
  port?: number;
  /** A socket that listens already, in the place of host and port. */
  descriptor?: number | undefined;
  /** Threads that hash files of a folder; the number of cores without it. */
  workers?: number;
  /** Silent without it. */
  logger?: Logger;
  /** What clients have to pass first; without it, nothing. */
  door?: Door;
  /** How long a server that stops goes on serving while it tells balancers to send clients elsewhere; 0 without it. */
  drainMs?: number;
  /** How long answers under way may take once it has stopped listening; 5,000 without it. */
  graceMs?: number;
  /** Where digests outlive the server, which closes it; without it, where the store says, or in memory alone. */
  shelf?: DigestShelf | undefined;
  /** Any that are not the usual ones. */
  deadlines?: Partial<Deadlines>;
};

export type RunningServer = {
  readonly host: string;
  readonly port: number;
  /** The address for a client, with all that it needs to know: maybe a secret. */
  readonly address: string;
  readonly audience: Audience;
  /**
   * Tell balancers for `drainMs` that it is about to stop, then stop listening, give answers under way `graceMs` to finish,
   * break off those that have not, and end. The times are those of the options, unless they are named here.
   */
  close(times?: {drainMs?: number; graceMs?: number}): Promise<void>;
};

const defaultGraceMs = 5000;
/** For the last frame of an answer that is broken off, and the good-bye behind it. */
const lastWordsMs = 2000;
/** Bytes that wait for a client before its answers do. */
const writeAhead = 262_144;
/**
 * The system asks a client of which nothing is heard whether it is there: one that vanished without
 * a word gives its place back after about 25 s, long before it would be due for being idle.
 */
const probes = {keepAlive: true, keepAliveInitialDelay: 15_000};

/**
 * Serve a folder or a bucket. Resolves once connections are accepted.
 *
 * @throws JangadaError `not_found`, `not_a_folder` or `forbidden` for the root; the error of the
 * system, such as `EADDRINUSE`, for the port.
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const logger = options.logger ?? pino({level: 'silent'});
  const {root} = options;
  const served = await openRoot(root, options, logger);
  const {store} = served;
  const {shelf = store.shelf} = options;
  const deadlines = {...defaultDeadlines, ...options.deadlines};
  const digests = new DigestIndex(
    shelf && {shelf: new PatientShelf(shelf, logger, deadlines.shelfMs)},
  );
  const closeOwnStore = async () => {
    await digests.close();
    await served.close();
  };
  const services: Services = {
    store,
    digests,
    hashes: new HashIndex(),
    deadlines,
  };
  const readiness = new Readiness(store, services.deadlines.lookMs);
  const {door = {}} = options;
  const folders = new TokenFolders(served);
  const connections = new Connections(
    options,
    {door, readiness, services, storeFor: folder => folders.storeFor(folder)},
    logger,
  );
  const server = createServer({noDelay: true, highWaterMark: writeAhead, ...probes}, socket =>
    connections.add(socket),
  );
  const {descriptor, port: wanted = defaultPort} = options;
  const wantedHost = options.host ?? '127.0.0.1';
  try {
    await listen(
      server,
      descriptor === undefined ? {host: wantedHost, port: wanted} : {fd: descriptor},
    );
  } catch (error) {
    await closeOwnStore();
    throw error;
  }

  const {address: boundTo, port} = boundAddress(server);
  const host = descriptor === undefined ? wantedHost : boundTo;
  const address = sharedAddress(host, port, door);
  const scheme = door.tls === undefined ? 'jangada' : 'jangadas';
  const audience = audienceOf(boundTo, door, options.trustProxy !== undefined);
  const name = displayName(services.store.name);
  const level = audience.isOpen ? 'warn' : 'info';
  // Without the token: a log is read by others.
  const logged = {
    address: formatAddress({scheme, host, port}),
    ...(door.tls === undefined ? {} : {fingerprint: `sha256:${door.tls.fingerprint}`}),
  };
  logger[level](logged, `serving '${name}', read-only, to ${audience.text}`);
  if (options.classic !== undefined) {
    logger[level]('the classic dialogue is answered, too');
  }

  let closing: Promise<void> | undefined;
  const close = async (drainMs: number, graceMs: number) => {
    readiness.drain();
    if (drainMs > 0) {
      logger.info(
        {seconds: drainMs / 1000},
        'stopping soon: balancers are told to send nobody here',
      );
      await delay(drainMs);
    }

    logger.info('stopping');
    const closed = new Promise<void>(resolve => server.close(() => resolve()));
    connections.drain();
    const timers = [
      setTimeout(() => connections.breakOff(), graceMs),
      setTimeout(() => connections.destroy(), graceMs === 0 ? 0 : graceMs + lastWordsMs),
    ];
    await closed;
    for (const timer of timers) {
      clearTimeout(timer);
    }
    await connections.close();
    await folders.close();
    await closeOwnStore();
    logger.info('stopped');
  };
  return {
    host,
    port,
    address,
    audience,
    close({drainMs = options.drainMs ?? 0, graceMs = options.graceMs ?? defaultGraceMs} = {}) {
      closing ??= close(drainMs, graceMs);
      return closing;
    },
  };
}

function listen(server: Server, place: {host: string; port: number} | {fd: number}): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    const listening = () => {
      server.removeListener('error', reject);
      resolve();
    };
    if ('fd' in place) {
      server.listen(place, listening);
    } else {
      server.listen(place, listening);
    }
  });
}

function boundAddress(server: Server): AddressInfo {
  const address = server.address();
  if (address === null || typeof address === 'string') {
    throw new JangadaError('internal', 'The server has no port');
  }

  return address;
}
