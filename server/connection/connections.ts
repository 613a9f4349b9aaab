/** Who gets a place: the connections of a server, those that wait, and those that are refused. */
import type {Logger} from 'pino';
import type {ClassicOptions} from '../classic/classic-options.ts';
import {CompressionPlaces} from '../compression/compression-places.ts';
import {Compressor} from '../compression/compressor.ts';
import type {Door, StoreFor} from '../doors/door.ts';
import {ProxyGate} from '../doors/proxy/proxy-gate.ts';
import type {TokenBook} from '../doors/tokens/token-book.ts';
import {WrongProofs} from '../doors/wrong-proofs.ts';
import type {Services} from '../operations/exchange.ts';
import {BlockPool} from '../output/block-pool.ts';
import {ClientLog} from '../output/client-log.ts';
import {SendLimiter} from '../output/send-limiter.ts';
import {Tally} from '../output/tally.ts';
import type {Readiness} from '../readiness.ts';
import {connectionsWithin, placelessWithin} from '../waiting/open-files.ts';
import type {ClientSocket} from './client-socket.ts';
import type {LoginMeans} from './login.ts';
import {type Full, Newcomers} from './newcomers.ts';
import {type Peer, peerName} from './peer.ts';
import {Session} from './session.ts';

export type ConnectionLimits = {
  /** Connections in all; 64 without it. */
  maxConnections?: number;
  /** Connections of one address; 32 without it. */
  maxConnectionsPerAddress?: number;
  /** Bytes per second, of all connections together; no limit without it. */
  limit?: number;
  /** Addresses and networks of balancers, which say who their clients are. */
  trustProxy?: readonly string[];
  /** Answer clients that begin with a digit in the classic dialogue, too. */
  classic?: ClassicOptions;
};

const defaultMaxConnections = 64;
const defaultMaxConnectionsPerAddress = 32;
/**
 * Connections that are told why they end, beyond which they are just closed; and connections that
 * wait for a place, beyond which they are refused.
 */
const placelessAtOnce = 128;
/** How often it is looked whether the tokens of connections are still valid, in milliseconds. */
const revocationMs = 2000;
/** How often refused connections are told of in the log, in milliseconds. */
const refusalsEveryMs = 10_000;

export class Connections {
  readonly #limits: ConnectionLimits;
  readonly #services: Services;
  readonly #readiness: Readiness;
  readonly #log: ClientLog;
  readonly #refusals: Tally;
  readonly #newcomers: Newcomers;
  readonly #proxies: ProxyGate | undefined;
  readonly #limiter: SendLimiter | undefined;
  readonly #mostConnections: number;
  readonly #mostPlaceless = placelessWithin(placelessAtOnce);
  readonly #door: Door;
  readonly #login: LoginMeans | undefined;
  readonly #revocations: NodeJS.Timeout | undefined;
  readonly #blocks = new BlockPool();
  readonly #compressionPlaces = new CompressionPlaces();
  /** Those that have a place, and the address of each. */
  readonly #sessions = new Map<Session, string>();
  /** Those that have not said that they want one, or wait for it, in the order in which they came. */
  readonly #entering = new Map<Session, {address: string; cameAt: number}>();
  /** All that have not ended, with a place or without. */
  readonly #sockets = new Set<ClientSocket>();
  /** They have no place any more. */
  readonly #leaving = new Set<Session>();

  /** @param storeFor gives what the holder of a token sees. */
  constructor(
    limits: ConnectionLimits,
    {
      door,
      readiness,
      services,
      storeFor,
    }: {door: Door; readiness: Readiness; services: Services; storeFor: StoreFor},
    logger: Logger,
  ) {
    this.#limits = limits;
    this.#door = door;
    const {tokens} = door;
    if (tokens !== undefined) {
      this.#login = {tokens, storeFor, wrongProofs: new WrongProofs()};
      // The connections keep the process alive, not the watch over them.
      this.#revocations = setInterval(() => this.#revoke(tokens), revocationMs).unref();
    }

    this.#services = services;
    this.#readiness = readiness;
    const {maxConnections = defaultMaxConnections} = limits;
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
      full: address => this.#full(address),
      admit: (session, address) => this.#admit(session, address),
      refuse: (session, why) => this.#refuse(session, why),
      makeWay: session => this.#makeWay(session),
    });
    this.#proxies =
      limits.trustProxy === undefined
        ? undefined
        : new ProxyGate({
            trusted: limits.trustProxy,
            deadlineMs: services.deadlines.prefaceMs,
            most: this.#mostPlaceless,
            refused: (peer, why) => this.#log.child({peer}).write('warn', {}, why),
          });
    this.#limiter = limits.limit === undefined ? undefined : new SendLimiter(limits.limit);
  }

  /** @param address the address of the client. Default: as the socket, or a trusted balancer, says. */
  add(socket: ClientSocket, address = socket.remoteAddress): void {
    if (address === undefined) {
      // Gone already.
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

  /** Listen to a client, which has no place yet: one that asks whether the server is ready needs none. */
  #enter(socket: ClientSocket, peer: Peer): void {
    const {address} = peer;
    if (!this.#makeRoom(address)) {
      this.#refusals.add();
      socket.destroy();
      return;
    }

    const session: Session = new Session({
      socket: this.#door.tls?.secure(socket) ?? socket,
      peer: address,
      login: this.#login,
      services: this.#services,
      readiness: this.#readiness,
      enter: () => this.#newcomers.add(session, address),
      blocks: this.#blocks.lease(),
      compressor: new Compressor(this.#compressionPlaces, address),
      limiter: this.#limiter,
      classic: this.#limits.classic,
      log: this.#log.child({peer: peerName(peer)}),
    });
    this.#entering.set(session, {address, cameAt: performance.now()});
    socket.once('close', () => {
      this.#newcomers.forget(session);
      this.#entering.delete(session);
      this.#leaving.delete(session);
      if (this.#sessions.delete(session)) {
        this.#newcomers.placeFree();
      }
    });
  }

  /**
   * Whether one more connection of `address` may be there without a place: those that may have a place soon, and some. The
   * one that has said nothing for longest makes room, once it had a moment to.
   */
  #makeRoom(address: string): boolean {
    const {maxConnectionsPerAddress = defaultMaxConnectionsPerAddress} = this.#limits;
    const ofPeer = [...this.#entering].filter(([, other]) => other.address === address);
    const isFullForPeer = ofPeer.length >= 2 * maxConnectionsPerAddress;
    const freePlaces = Math.max(0, this.#mostConnections - this.#sessions.size);
    if (!isFullForPeer && this.#entering.size < this.#mostPlaceless + freePlaces) {
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

  #admit(session: Session, address: string): void {
    this.#entering.delete(session);
    this.#sessions.set(session, address);
    session.greet();
  }

  /** End the connections whose token was taken away, or has had its time. */
  #revoke(tokens: TokenBook): void {
    for (const session of this.#sessions.keys()) {
      if (session.token !== undefined && !tokens.isValid(session.token)) {
        session.revoke();
      }
    }
  }

  drain(): void {
    this.#proxies?.close();
    for (const session of [...this.#entering.keys(), ...this.#sessions.keys()]) {
      session.drain();
    }
  }

  /** Break off the answers under way. */
  breakOff(): void {
    for (const session of this.#sessions.keys()) {
      session.breakOff();
    }
  }

  destroy(): void {
    for (const session of [...this.#entering.keys(), ...this.#sessions.keys(), ...this.#leaving]) {
      session.destroy();
    }
  }

  /** Wait until all have told of their end, then say what the log has only counted so far. */
  async close(): Promise<void> {
    // A server is closed a moment before the last of its sockets are.
    const ends = [...this.#sockets].map(
      socket => new Promise<void>(resolve => socket.once('close', () => resolve())),
    );
    await Promise.all(ends);
    clearInterval(this.#revocations);
    this.#refusals.close();
    this.#log.close();
  }

  #full(address: string): Full | undefined {
    const {maxConnectionsPerAddress = defaultMaxConnectionsPerAddress} = this.#limits;
    const ofPeer = [...this.#sessions].filter(([, other]) => other === address);
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
    this.#end(session, () => session.makeWay());
  }

  #refuse(session: Session, why: string): void {
    this.#refusals.add();
    this.#entering.delete(session);
    this.#end(session, () => session.refuse(why));
  }

  /** Let `session`, which has no place any more, have its last words, unless too many have. */
  #end(session: Session, sayWhy: () => void): void {
    if (this.#leaving.size >= this.#mostPlaceless) {
      session.destroy();
    } else {
      this.#leaving.add(session);
      sayWhy();
    }
  }
}
