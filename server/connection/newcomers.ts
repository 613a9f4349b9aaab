/**
 * Clients that come when all places are taken. The connection that has had no work for longest gives
 * its place to a newcomer. A connection has a moment for that between two requests, so a newcomer
 * waits for as long; without any that has no work it is refused at once.
 */

import type {ClientSocket} from './client-socket.ts';
import type {Peer} from './peer.ts';
import type {Session} from './session.ts';

/** Why there is no place, and the connections of which one would have to go. */
export type Full = {why: string; sessions: readonly Session[]};

type NewcomersOptions = {
  /** Milliseconds without work after which a connection gives way. */
  giveWayMs: number;
  /** Newcomers that wait, beyond which they are refused. */
  mostWaiting: number;
  /** Whether there is no place for one more of that address. */
  full(address: string): Full | undefined;
  admit(socket: ClientSocket, peer: Peer): void;
  refuse(socket: ClientSocket, why: string): void;
  /** Take the place of a connection from it. */
  makeWay(session: Session): void;
};

type Newcomer = {
  socket: ClientSocket;
  peer: Peer;
  cameAt: number;
  timer: NodeJS.Timeout | undefined;
};

export class Newcomers {
  readonly #options: NewcomersOptions;
  // In the order in which they came.
  readonly #waiting = new Set<Newcomer>();

  constructor(options: NewcomersOptions) {
    this.#options = options;
  }

  /** Admit or refuse a client, now or within a moment. */
  add(socket: ClientSocket, peer: Peer): void {
    const newcomer = {socket, peer, cameAt: performance.now(), timer: undefined};
    // Once for each: it may have to wait several times.
    socket.once('close', () => this.#forget(newcomer));
    socket.on('error', () => {});
    this.#settle(newcomer);
  }

  /** A place is free: the first one that it does for has it. */
  placeFree(): void {
    for (const newcomer of this.#waiting) {
      if (this.#options.full(newcomer.peer.address) === undefined) {
        this.#settle(newcomer);
      }
    }
  }

  /** Nobody waits any longer. */
  close(): void {
    for (const newcomer of this.#waiting) {
      this.#forget(newcomer);
      newcomer.socket.destroy();
    }
  }

  #settle(newcomer: Newcomer): void {
    const {admit, full, giveWayMs, makeWay, mostWaiting, refuse} = this.#options;
    const {cameAt, peer, socket} = newcomer;
    this.#forget(newcomer);
    const reason = full(peer.address);
    if (reason === undefined) {
      admit(socket, peer);
      return;
    }

    const longest = longestIdle(reason.sessions);
    const givesWayAt = (longest?.since ?? Number.POSITIVE_INFINITY) + giveWayMs;
    if (longest !== undefined && givesWayAt <= performance.now()) {
      makeWay(longest.session);
      admit(socket, peer);
    } else if (givesWayAt <= cameAt + giveWayMs && this.#waiting.size < mostWaiting) {
      this.#wait(newcomer, givesWayAt);
    } else {
      refuse(socket, reason.why);
    }
  }

  #wait(newcomer: Newcomer, until: number): void {
    this.#waiting.add(newcomer);
    // A timer may be up to a millisecond early.
    const ms = Math.ceil(until - performance.now()) + 1;
    newcomer.timer = setTimeout(() => this.#settle(newcomer), ms);
  }

  #forget(newcomer: Newcomer): void {
    clearTimeout(newcomer.timer);
    this.#waiting.delete(newcomer);
  }
}

/**
 * The connection without work for longest: of those that owe a proof, if there are any. Otherwise whoever knows
 * no token could take the places of those that do.
 */
function longestIdle(sessions: readonly Session[]): {session: Session; since: number} | undefined {
  const owing = sessions.filter(({idleSince, owesLogin}) => owesLogin && idleSince !== undefined);
  let longest: {session: Session; since: number} | undefined;
  for (const session of owing.length > 0 ? owing : sessions) {
    const since = session.idleSince;
    if (since !== undefined && (longest === undefined || since < longest.since)) {
      longest = {session, since};
    }
  }

  return longest;
}
