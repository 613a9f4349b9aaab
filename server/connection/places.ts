/**
 * Decides which connections get a place. When all places are taken, the connection that has been idle for longest loses
 * its place to a newcomer. A client may just be between two requests, so a newcomer waits until a connection has been
 * idle for `giveWayMs`. If no connection is idle, the newcomer is refused at once.
 *
 * A server of several processes has one `Places`, in the keeper (cluster/keeper.ts).
 */
import type {Logger} from 'pino';
import {connectionsWithin, placelessWithin} from '../waiting/open-files.ts';

export type PlaceLimits = {
  /** The most connections in all. Default: 64. */
  maxConnections?: number;
  /** The most connections of one address. Default: 32. */
  maxConnectionsPerAddress?: number;
};

/** A connection that wants a place, or has one. */
export type Newcomer = {
  /** The address of the client. */
  readonly address: string;
  /** The connection has a place from now on. */
  admit(): void;
  refuse(why: string): void;
  /** The connection has lost its place: another one needs it. */
  makeWay(): void;
};

/** The state of an idle connection. */
export type Idle = {
  /** When it last had work, as `performance.now()`. */
  since: number;
  /** Whether its client still has to log in. */
  owesLogin: boolean;
};

export type IdleHolder<Holder> = Idle & {holder: Holder};

type PlacesOptions<Holder> = PlaceLimits & {
  /** After how many idle milliseconds a connection gives way. */
  giveWayMs: number;
  /**
   * The connection in `holders` that should give way first; undefined if all have work. `address` is set if all
   * `holders` have the same address.
   */
  longestIdle(
    holders: readonly Holder[],
    address: string | undefined,
  ): IdleHolder<Holder> | undefined | Promise<IdleHolder<Holder> | undefined>;
};

/** Why there is no place, and the connections of which one has to give way. */
type Full<Holder> = {why: string; holders: readonly Holder[]; address: string | undefined};

type Waiting = {cameAt: number; timer: NodeJS.Timeout | undefined};

const defaultMaxConnections = 64;
const defaultMaxConnectionsPerAddress = 32;
/**
 * The most connections that wait for a place: the server refuses further ones. Also the most refused connections that
 * still get a message: the server just closes further ones.
 */
export const mostPlaceless = placelessWithin(128);

export class Places<Holder extends Newcomer> {
  readonly #options: PlacesOptions<Holder>;
  readonly #mostPerAddress: number;
  readonly #most: number;
  readonly #mostWaiting: number;
  readonly #holders = new Set<Holder>();
  // In the order of arrival.
  readonly #waiting = new Map<Holder, Waiting>();

  constructor(options: PlacesOptions<Holder>, logger: Logger, mostWaiting = mostPlaceless) {
    const {maxConnections = defaultMaxConnections} = options;
    this.#options = options;
    this.#mostPerAddress = options.maxConnectionsPerAddress ?? defaultMaxConnectionsPerAddress;
    this.#most = connectionsWithin(maxConnections);
    this.#mostWaiting = mostWaiting;
    if (this.#most < maxConnections) {
      const connections = this.#most;
      logger.warn(
        {connections},
        'the limit of open files is low (ulimit -n): the server accepts fewer connections',
      );
    }
  }

  /** The most connections with a place. */
  get most(): number {
    return this.#most;
  }

  /** The most connections of one address with a place. */
  get mostPerAddress(): number {
    return this.#mostPerAddress;
  }

  /** Admit or refuse `newcomer`, now or within a moment. */
  ask(newcomer: Holder): void {
    this.#settle(newcomer, performance.now());
  }

  /** `newcomer` has left: free its place, or its position in the queue. */
  left(newcomer: Holder): void {
    this.#forget(newcomer);
    if (this.#holders.delete(newcomer)) {
      this.#placeFree();
    }
  }

  /** Give the free place to the first waiting connection that may have it. */
  #placeFree(): void {
    for (const [newcomer, {cameAt}] of this.#waiting) {
      if (this.#full(newcomer.address) === undefined) {
        this.#settle(newcomer, cameAt);
      }
    }
  }

  #settle(newcomer: Holder, cameAt: number): void {
    const full = this.#full(newcomer.address);
    if (full === undefined) {
      this.#admit(newcomer);
      return;
    }

    const longest = this.#options.longestIdle(full.holders, full.address);
    if (!(longest instanceof Promise)) {
      this.#decide(newcomer, cameAt, full.why, longest);
    } else if (this.#maySoon(newcomer)) {
      const waiting = this.#wait(newcomer, cameAt);
      void longest.then(found => {
        // Skip it if it has left or got a place meanwhile.
        if (this.#waiting.get(newcomer) === waiting) {
          this.#decide(newcomer, cameAt, full.why, found);
        }
      });
    } else {
      this.#refuse(newcomer, full.why);
    }
  }

  #decide(
    newcomer: Holder,
    cameAt: number,
    why: string,
    longest: IdleHolder<Holder> | undefined,
  ): void {
    const {giveWayMs} = this.#options;
    const now = performance.now();
    const givesWayAt = (longest?.since ?? Number.POSITIVE_INFINITY) + giveWayMs;
    if (longest !== undefined && !this.#holders.has(longest.holder)) {
      // Another connection has got the place during the question.
      this.#settle(newcomer, cameAt);
    } else if (longest !== undefined && givesWayAt <= now) {
      this.#holders.delete(longest.holder);
      longest.holder.makeWay();
      this.#admit(newcomer);
    } else if (givesWayAt <= cameAt + giveWayMs && this.#maySoon(newcomer)) {
      const waiting = this.#wait(newcomer, cameAt);
      // A timer may be up to a millisecond early.
      waiting.timer = setTimeout(
        () => this.#settle(newcomer, cameAt),
        Math.ceil(givesWayAt - now) + 1,
      );
    } else {
      this.#refuse(newcomer, why);
    }
  }

  #maySoon(newcomer: Holder): boolean {
    return this.#waiting.has(newcomer) || this.#waiting.size < this.#mostWaiting;
  }

  #wait(newcomer: Holder, cameAt: number): Waiting {
    clearTimeout(this.#waiting.get(newcomer)?.timer);
    const waiting = {cameAt, timer: undefined};
    this.#waiting.set(newcomer, waiting);
    return waiting;
  }

  #admit(newcomer: Holder): void {
    this.#forget(newcomer);
    this.#holders.add(newcomer);
    newcomer.admit();
  }

  #refuse(newcomer: Holder, why: string): void {
    this.#forget(newcomer);
    newcomer.refuse(why);
  }

  #forget(newcomer: Holder): void {
    clearTimeout(this.#waiting.get(newcomer)?.timer);
    this.#waiting.delete(newcomer);
  }

  #full(address: string): Full<Holder> | undefined {
    const ofAddress = [...this.#holders].filter(holder => holder.address === address);
    if (ofAddress.length >= this.#mostPerAddress) {
      const why = `Your address has ${this.#mostPerAddress} connections, which is the limit`;
      return {why, holders: ofAddress, address};
    }

    const why = `The server has ${this.#most} connections, which is its limit`;
    return this.#holders.size >= this.#most
      ? {why, holders: [...this.#holders], address: undefined}
      : undefined;
  }
}

/** The connection in `holders` that should give way first; undefined if all have work. */
export function longestIdle<Holder extends {readonly idle: Idle | undefined}>(
  holders: Iterable<Holder>,
): IdleHolder<Holder> | undefined {
  let longest: IdleHolder<Holder> | undefined;
  for (const holder of holders) {
    const {idle} = holder;
    longest = firstToGo(longest, idle === undefined ? undefined : {...idle, holder});
  }

  return longest;
}

/**
 * The connection that should give way first: one that has not logged in, or else the one that has been idle for longest.
 * Otherwise clients without a token could take the places of clients with one.
 */
export function firstToGo<One extends Idle>(
  one: One | undefined,
  other: One | undefined,
): One | undefined {
  if (one === undefined || other === undefined) {
    return one ?? other;
  }

  const isOther = one.owesLogin === other.owesLogin ? other.since < one.since : other.owesLogin;
  return isOther ? other : one;
}
