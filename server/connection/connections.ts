/** The connections of a process: those with a place, those that ask for one, and those that end. */
import type {Logger} from 'pino';
import type {ClassicOptions} from '../classic/classic-options.ts';
import {CompressionPlaces} from '../compression/compression-places.ts';
import {Compressor} from '../compression/compressor.ts';
import type {Door} from '../doors/door.ts';
import {ProxyGate} from '../doors/proxy/proxy-gate.ts';
import type {TokenBook} from '../doors/tokens/token-book.ts';
import type {Services} from '../operations/exchange.ts';
import {BlockPool} from '../output/block-pool.ts';
import {ClientLog} from '../output/client-log.ts';
import {Tally} from '../output/tally.ts';
import type {Readiness} from '../readiness.ts';
import type {ClientSocket} from './client-socket.ts';
import type {LoginMeans} from './login.ts';
import type {Means, OwnNewcomer} from './means.ts';
import {type Peer, peerName} from './peer.ts';
import {mostPlaceless, type PlaceLimits} from './places.ts';
import {Session} from './session.ts';

type ConnectionOptions = {
  /** Addresses and networks of balancers, which name their clients in a PROXY header. */
  trustProxy?: readonly string[];
  /** Answer clients that begin with a digit in the classic dialogue. */
  classic?: ClassicOptions;
};

/** The limits of a server, and which clients it answers. */
export type ConnectionLimits = PlaceLimits &
  ConnectionOptions & {
    /** Bytes per second for all connections together. Default: no limit. */
    limit?: number;
  };

/** How often the server checks that the tokens of connections are still valid, in milliseconds. */
const revocationMs = 2000;
/** The most connections that one client opens at once: the server tells each of them if it finds no place. */
const ofOneClient = 18;

/** How often the log reports refused connections, in milliseconds. */
const refusalsEveryMs = 10_000;

/** What the connections of a process share. */
type Surroundings = {
  door: Door;
  services: Services;
  /** The stores that the holders of tokens may read. */
  folders: LoginMeans['folders'];
  means: Means;
  readiness: Readiness;
};

export class Connections {
  readonly #options: ConnectionOptions;
  readonly #services: Services;
  readonly #means: Means;
  readonly #readiness: Readiness;
  readonly #log: ClientLog;
  readonly #refusals: Tally;
  readonly #proxies: ProxyGate | undefined;
  readonly #door: Door;
  readonly #login: LoginMeans | undefined;
  readonly #revocations: NodeJS.Timeout | undefined;
  readonly #blocks = new BlockPool();
  readonly #compressionPlaces: CompressionPlaces;
  /** All connections that have not ended, with or without a place. */
  readonly #sockets = new Set<ClientSocket>();
  /** Connections that have not asked for a place yet or wait for it, in the order of arrival. */
  readonly #entering = new Map<Session, {address: string; cameAt: number}>();
  /** Connections with a place. */
  readonly #sessions = new Set<Session>();
  /** Connections that have lost their place and still end. */
  readonly #leaving = new Set<Session>();
  #draining = false;

  constructor(
    options: ConnectionOptions,
    {door, folders, means, readiness, services}: Surroundings,
    logger: Logger,
  ) {
    this.#options = options;
    this.#door = door;
    this.#means = means;
    this.#readiness = readiness;
    const {tokens} = door;
    if (tokens !== undefined) {
      this.#login = {tokens, folders, wrongProofs: means.wrongProofs};
      // This timer must not keep the process alive; the connections do.
      this.#revocations = setInterval(() => this.#revoke(tokens), revocationMs).unref();
    }

    this.#services = services;
    const {processes} = means;
    this.#log = ClientLog.of(logger, {processes});
    this.#compressionPlaces = new CompressionPlaces(processes);
    this.#refusals = new Tally(refusalsEveryMs, refused =>
      logger.warn({refused}, 'refused connections: a limit is reached'),
    );
    this.#proxies =
      options.trustProxy === undefined
        ? undefined
        : new ProxyGate({
            trusted: options.trustProxy,
            deadlineMs: services.deadlines.prefaceMs,
            most: mostPlaceless,
            refused: (peer, why) => this.#log.child({peer}).write('warn', {}, why),
          });
  }

  /** @param address the address of the client. Default: the one of the socket, or the one that a trusted balancer names. */
  add(socket: ClientSocket, address = socket.remoteAddress): void {
    if (address === undefined || this.#draining) {
      // The client has left already, or the server is closing.
      socket.destroy();
      return;
    }

    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    const peer = {address, port: socket.remotePort};
    if (this.#proxies?.isTrusted(address)) {
      this.#proxies.read(socket, client => this.#enter(socket, client ?? peer));
    } else {
      this.#enter(socket, peer);
    }
  }

  /** Read from a client before it has a place: a client that asks whether the server is ready needs none. */
  #enter(socket: ClientSocket, peer: Peer): void {
    const {address} = peer;
    if (!this.#makeRoom(address)) {
      this.#countRefused();
      socket.destroy();
      return;
    }

    const {limiter, places} = this.#means;
    const session: Session = new Session({
      socket: this.#door.tls?.secure(socket) ?? socket,
      peer: address,
      login: this.#login,
      services: this.#services,
      readiness: this.#readiness,
      enter: () => places.ask(newcomer),
      blocks: this.#blocks.lease(),
      compressor: new Compressor(this.#compressionPlaces, address),
      limiter,
      classic: this.#options.classic,
      log: this.#log.child({peer: peerName(peer)}),
    });
    const newcomer = this.#newcomer(session, address);
    this.#entering.set(session, {address, cameAt: performance.now()});
    socket.once('close', () => {
      this.#entering.delete(session);
      this.#leavePlace(session);
      this.#leaving.delete(session);
      places.left(newcomer);
    });
  }

  #newcomer(session: Session, address: string): OwnNewcomer {
    const sessions = this.#sessions;
    return {
      address,
      get idle() {
        return sessions.has(session) ? session.idle : undefined;
      },
      admit: () => {
        this.#entering.delete(session);
        sessions.add(session);
        const {counts} = this.#services;
        counts.connections++;
        counts.openConnections++;
        session.greet();
      },
      refuse: why => {
        this.#countRefused();
        this.#entering.delete(session);
        this.#end(session, () => session.refuse(why));
      },
      makeWay: () => {
        this.#leavePlace(session);
        this.#end(session, () => session.makeWay());
      },
    };
  }

  #leavePlace(session: Session): void {
    const hadPlace = this.#sessions.delete(session);
    this.#services.counts.openConnections -= hadPlace ? 1 : 0;
  }

  #countRefused(): void {
    this.#services.counts.refusedConnections++;
    this.#refusals.add();
  }

  /**
   * Whether one more connection of `address` may exist without a place. The limit is the number of free places plus some. At
   * the limit, the connection that has been silent for longest is closed, if it had a moment to speak.
   */
  #makeRoom(address: string): boolean {
    const {most, mostPerAddress} = this.#means.places;
    const ofPeer = [...this.#entering].filter(([, other]) => other.address === address);
    const isFullForPeer = ofPeer.length >= Math.max(ofOneClient, 2 * mostPerAddress);
    const freePlaces = Math.max(0, most - this.#sessions.size);
    if (!isFullForPeer && this.#entering.size < mostPlaceless + freePlaces) {
      return true;
    }

    const [oldest] = isFullForPeer ? ofPeer : this.#entering;
    if (oldest === undefined) {
      return false;
    }

    const [session, {cameAt}] = oldest;
    const hadTime = performance.now() - cameAt >= this.#services.deadlines.giveWayMs;
    if (hadTime) {
      this.#entering.delete(session);
      session.destroy();
    }

    return hadTime;
  }

  /** End the connections whose token was removed or has expired. */
  #revoke(tokens: TokenBook): void {
    for (const session of [...this.#sessions, ...this.#leaving]) {
      if (session.token !== undefined && !tokens.isValid(session.token)) {
        session.revoke();
      }
    }
  }

  drain(): void {
    this.#draining = true;
    this.#proxies?.close();
    for (const session of [...this.#entering.keys(), ...this.#sessions]) {
      session.drain();
    }
  }

  /** Break off the running answers. */
  breakOff(): void {
    for (const session of [...this.#sessions, ...this.#leaving]) {
      session.breakOff();
    }
  }

  destroy(): void {
    for (const session of [...this.#entering.keys(), ...this.#sessions, ...this.#leaving]) {
      session.destroy();
    }
  }

  /** Wait until all connections have logged their end, then log what was only counted so far. */
  async close(): Promise<void> {
    // Node closes a server a moment before its last sockets.
    const ends = [...this.#sockets].map(
      socket => new Promise<void>(resolve => socket.once('close', () => resolve())),
    );
    await Promise.all(ends);
    clearInterval(this.#revocations);
    this.#refusals.close();
    this.#log.close();
  }

  /** Let `session`, which has lost its place, send its last message, unless too many sessions are doing so. */
  #end(session: Session, sayWhy: () => void): void {
    if (this.#leaving.size >= mostPlaceless) {
      session.destroy();
    } else {
      this.#leaving.add(session);
      sayWhy();
    }
  }
}
