/** The server: a port, its connections, and the means that they share. */

import {type AddressInfo, createServer, type Server, type Socket} from 'node:net';
import {availableParallelism} from 'node:os';
import {type Logger, pino} from 'pino';
import {defaultPort, formatAddress} from '../protocol/address.ts';
import {displayName} from '../protocol/display-text.ts';
import {JangadaError} from '../protocol/errors.ts';
import {encodeAnswer} from '../protocol/messages.ts';
import {type Audience, audienceOf} from './audience.ts';
import {closeGently} from './connection/close-gently.ts';
import {type Full, Newcomers} from './connection/newcomers.ts';
import {Session} from './connection/session.ts';
import {hello} from './hello.ts';
import {DigestIndex} from './indexes/digest-index.ts';
import {HashIndex} from './indexes/hash-index.ts';
import type {Services} from './operations/exchange.ts';
import {BlockPool} from './output/block-pool.ts';
import {ClientLog} from './output/client-log.ts';
import {SendLimiter} from './output/send-limiter.ts';
import {Tally} from './output/tally.ts';
import {FolderStore} from './store/folder/folder-store.ts';
import type {Store} from './store/store.ts';
import {type Deadlines, defaultDeadlines} from './waiting/deadlines.ts';
import {connectionsWithin, placelessWithin} from './waiting/open-files.ts';

export type ServerOptions = {
  /** The folder to serve, by its path; or a store, which is not closed with the server. */
  root: string | Store;
  /** Address to listen on; 127.0.0.1 without it. */
  host?: string;
  /** 0: any that is free; 1234 without it. */
  port?: number;
  /** Threads that hash files of a folder; the number of cores without it. */
  workers?: number;
  /** Connections in all; 64 without it. */
  maxConnections?: number;
  /** Connections of one address; 32 without it. */
  maxConnectionsPerAddress?: number;
  /** Bytes per second, of all connections together; no limit without it. */
  limit?: number;
  /** Silent without it. */
  logger?: Logger;
  /** Any that are not the usual ones. */
  deadlines?: Partial<Deadlines>;
};

export type RunningServer = {
  readonly host: string;
  readonly port: number;
  /** The address for a client. */
  readonly address: string;
  readonly audience: Audience;
  /** Stop listening, give answers under way `graceMs` (5,000) to finish, and end them. */
  close(options?: {graceMs?: number}): Promise<void>;
};

const defaultMaxConnections = 64;
const defaultMaxConnectionsPerAddress = 32;
const defaultGraceMs = 5000;
/** Bytes that wait for a client before its answers do. */
const writeAhead = 262_144;
/**
 * The system asks a client of which nothing is heard whether it is there: one that vanished without
 * a word gives its place back after about 25 s, long before it would be due for being idle.
 */
const probes = {keepAlive: true, keepAliveInitialDelay: 15_000};
/**
 * Connections that are told why they end, beyond which they are just closed; and connections that
 * wait for a place, beyond which they are refused.
 */
const placelessAtOnce = 128;
/** How often refused connections are told of in the log, in milliseconds. */
const refusalsEveryMs = 10_000;

/**
 * Serve a folder. Resolves once connections are accepted.
 *
 * @throws JangadaError `not_found`, `not_a_folder` or `forbidden` for the root; the error of the
 * system, such as `EADDRINUSE`, for the port.
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const logger = options.logger ?? pino({level: 'silent'});
  const {root} = options;
  const store = typeof root === 'string' ? openFolder(root, options, logger) : root;
  const closeOwnStore = async () => {
    if (store !== root) {
      await store.close();
    }
  };
  const services: Services = {
    store,
    digests: new DigestIndex(),
    hashes: new HashIndex(),
    deadlines: {...defaultDeadlines, ...options.deadlines},
  };
  const connections = new Connections(options, services, logger);
  const server = createServer({noDelay: true, highWaterMark: writeAhead, ...probes}, socket =>
    connections.add(socket),
  );
  const host = options.host ?? '127.0.0.1';
  try {
    await listen(server, host, options.port ?? defaultPort);
  } catch (error) {
    await closeOwnStore();
    throw error;
  }

  const {address: boundTo, port} = boundAddress(server);
  const address = formatAddress({host, port});
  const audience = audienceOf(boundTo);
  const name = displayName(services.store.name);
  const level = audience.isOpen ? 'warn' : 'info';
  logger[level]({address}, `serving '${name}', read-only, to ${audience.text}`);
  let closing: Promise<void> | undefined;
  const close = async (graceMs: number) => {
    logger.info('stopping');
    const closed = new Promise<void>(resolve => server.close(() => resolve()));
    connections.drain();
    const timer = setTimeout(() => connections.destroy(), graceMs);
    await closed;
    clearTimeout(timer);
    connections.close();
    await closeOwnStore();
    logger.info('stopped');
  };
  return {
    host,
    port,
    address,
    audience,
    close({graceMs = defaultGraceMs} = {}) {
      closing ??= close(graceMs);
      return closing;
    },
  };
}

function openFolder(path: string, options: ServerOptions, logger: Logger): Store {
  const {deadlines, workers = availableParallelism()} = options;
  return new FolderStore(path, {
    hashThreads: workers,
    maskMs: deadlines?.maskMs ?? defaultDeadlines.maskMs,
    onSlow: ms =>
      logger.warn({ms: Math.round(ms)}, 'the disk is slow: threads read it for a while'),
  });
}

class Connections {
  readonly #options: ServerOptions;
  readonly #services: Services;
  readonly #log: ClientLog;
  readonly #refusals: Tally;
  readonly #newcomers: Newcomers;
  readonly #limiter: SendLimiter | undefined;
  readonly #mostConnections: number;
  readonly #mostPlaceless = placelessWithin(placelessAtOnce);
  readonly #hello = hello();
  readonly #blocks = new BlockPool();
  readonly #sessions = new Map<Session, string>();
  /** They have no place any more. */
  readonly #leaving = new Set<{destroy(): void}>();

  constructor(options: ServerOptions, services: Services, logger: Logger) {
    this.#options = options;
    this.#services = services;
    const {maxConnections = defaultMaxConnections} = options;
    this.#mostConnections = connectionsWithin(maxConnections);
    if (this.#mostConnections < maxConnections) {
      const connections = this.#mostConnections;
      logger.warn({connections}, 'few files may be open (ulimit -n): fewer connections are taken');
    }

    this.#log = ClientLog.of(logger);
    this.#refusals = new Tally(refusalsEveryMs, refused =>
      logger.warn({refused}, 'connections were refused: the limits are reached'),
    );
    this.#newcomers = new Newcomers({
      giveWayMs: services.deadlines.giveWayMs,
      mostWaiting: this.#mostPlaceless,
      full: peer => this.#full(peer),
      admit: (socket, peer) => this.#admit(socket, peer),
      refuse: (socket, why) => this.#refuse(socket, why),
      makeWay: session => this.#makeWay(session),
    });
    this.#limiter = options.limit === undefined ? undefined : new SendLimiter(options.limit);
  }

  add(socket: Socket): void {
    const peer = socket.remoteAddress;
    if (peer === undefined) {
      // Gone already.
      socket.destroy();
      return;
    }

    this.#newcomers.add(socket, peer);
  }

  #admit(socket: Socket, peer: string): void {
    const session = new Session({
      socket,
      peer,
      hello: this.#hello,
      services: this.#services,
      blocks: this.#blocks.lease(),
      limiter: this.#limiter,
      log: this.#log.child({peer: `${displayName(peer)}:${socket.remotePort}`}),
    });
    this.#sessions.set(session, peer);
    socket.once('close', () => {
      this.#leaving.delete(session);
      if (this.#sessions.delete(session)) {
        this.#newcomers.placeFree();
      }
    });
  }

  drain(): void {
    this.#newcomers.close();
    for (const session of this.#sessions.keys()) {
      session.drain();
    }
  }

  destroy(): void {
    for (const session of this.#sessions.keys()) {
      session.destroy();
    }

    for (const leaving of this.#leaving) {
      leaving.destroy();
    }
  }

  /** All have ended: say what the log has only counted so far. */
  close(): void {
    this.#refusals.close();
    this.#log.close();
  }

  #full(peer: string): Full | undefined {
    const {maxConnectionsPerAddress = defaultMaxConnectionsPerAddress} = this.#options;
    const ofPeer = [...this.#sessions].filter(([, other]) => other === peer);
    if (ofPeer.length >= maxConnectionsPerAddress) {
      const why = `Your address has ${maxConnectionsPerAddress} connections, which is the limit`;
      return {why, sessions: ofPeer.map(([session]) => session)};
    }

    const why = `The server has ${this.#mostConnections} connections, which is its limit`;
    return this.#sessions.size >= this.#mostConnections
      ? {why, sessions: [...this.#sessions.keys()]}
      : undefined;
  }

  #makeWay(session: Session): void {
    this.#sessions.delete(session);
    if (this.#leaving.size >= this.#mostPlaceless) {
      session.destroy();
    } else {
      this.#leaving.add(session);
      session.makeWay();
    }
  }

  #refuse(socket: Socket, why: string): void {
    this.#refusals.add();
    if (this.#leaving.size >= this.#mostPlaceless) {
      socket.destroy();
      return;
    }

    this.#leaving.add(socket);
    socket.once('close', () => this.#leaving.delete(socket));
    socket.write(encodeAnswer('error', {code: 'busy', message: `${why}; try again later`}));
    closeGently(socket, this.#services.deadlines);
  }
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({host, port}, () => {
      server.removeListener('error', reject);
      resolve();
    });
  });
}

function boundAddress(server: Server): AddressInfo {
  const address = server.address();
  if (address === null || typeof address === 'string') {
    throw new JangadaError('internal', 'The server has no port');
  }

  return address;
}
