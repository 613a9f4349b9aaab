/**
 * Clients that want a place, also when all are taken. The connection that has had no work for longest gives
 * its place to a newcomer. A connection has a moment for that between two requests, so a newcomer
 * waits for as long; without any that has no work it is refused at once.
 */

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
  admit(session: Session, address: string): void;
  refuse(session: Session, why: string): void;
  /** Take the place of a connection from it. */
  makeWay(session: Session): void;
};

type Newcomer = {
  address: string;
  cameAt: number;
  timer: NodeJS.Timeout | undefined;
};

export class Newcomers {
  readonly #options: NewcomersOptions;
  // In the order in which they came.
  readonly #waiting = new Map<Session, Newcomer>();

  constructor(options: NewcomersOptions) {
    this.#options = options;
  }

  /** Admit or refuse a client, now or within a moment. */
  add(session: Session, address: string): void {
    this.#settle(session, {address, cameAt: performance.now(), timer: undefined});
  }

  /** A place is free: the first one that it does for has it. */
  placeFree(): void {
    for (const [session, newcomer] of this.#waiting) {
      if (this.#options.full(newcomer.address) === undefined) {
        this.#settle(session, newcomer);
      }
    }
  }

  /** It has left, or does not wait any longer. */
  forget(session: Session): void {
    clearTimeout(this.#waiting.get(session)?.timer);
    this.#waiting.delete(session);
  }

  #settle(session: Session, newcomer: Newcomer): void {
    const {admit, full, giveWayMs, makeWay, mostWaiting, refuse} = this.#options;
    const {address, cameAt} = newcomer;
    this.forget(session);
    const reason = full(address);
    if (reason === undefined) {
      admit(session, address);
      return;
    }

    const longest = longestIdle(reason.sessions);
    const givesWayAt = (longest?.since ?? Number.POSITIVE_INFINITY) + giveWayMs;
    if (longest !== undefined && givesWayAt <= performance.now()) {
      makeWay(longest.session);
      admit(session, address);
    } else if (givesWayAt <= cameAt + giveWayMs && this.#waiting.size < mostWaiting) {
      this.#wait(session, newcomer, givesWayAt);
    } else {
      refuse(session, reason.why);
    }
  }

  #wait(session: Session, newcomer: Newcomer, until: number): void {
    this.#waiting.set(session, newcomer);
    // A timer may be up to a millisecond early.
    const ms = Math.ceil(until - performance.now()) + 1;
    newcomer.timer = setTimeout(() => this.#settle(session, newcomer), ms);
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
