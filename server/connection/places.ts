/**
 * Who gets a place. When all are taken, the connection that has had no work for longest gives its own to a
 * newcomer. A connection has a moment for that between two requests, so a newcomer waits for as long; without
 * any that has no work it is refused at once.
 *
 * A server of several processes has one of these, in the process that knows them all (cluster/keeper.ts).
 */
import type {Logger} from 'pino';
import {connectionsWithin, placelessWithin} from '../waiting/open-files.ts';

export type PlaceLimits = {
  /** Connections in all; 64 without it. */
  maxConnections?: number;
  /** Connections of one address; 32 without it. */
  maxConnectionsPerAddress?: number;
};

/** Somebody who wants a place, or has one. */
export type Newcomer = {
  /** The address of the client. */
  readonly address: string;
  /** It has a place from now on. */
  admit(): void;
  refuse(why: string): void;
  /** Its place is no longer its own: another one needs it. */
  makeWay(): void;
};

/** A connection without work. */
export type Idle = {
  /** When it last had some, as `performance.now()` tells it. */
  since: number;
  /** Whether its client owes a proof. */
  owesLogin: boolean;
};

export type IdleHolder<Holder> = Idle & {holder: Holder};

type PlacesOptions<Holder> = PlaceLimits & {
  /** Milliseconds without work after which a connection gives way. */
  giveWayMs: number;
  /**
   * The one of `holders` that should give way first; undefined if all have work. `address` is that of all of them,
   * if they are those of one address.
   */
  longestIdle(
    holders: readonly Holder[],
    address: string | undefined,
  ): IdleHolder<Holder> | undefined | Promise<IdleHolder<Holder> | undefined>;
};

/** Why there is no place, and the connections of which one would have to go. */
type Full<Holder> = {why: string; holders: readonly Holder[]; address: string | undefined};

type Waiting = {cameAt: number; timer: NodeJS.Timeout | undefined};

const defaultMaxConnections = 64;
const defaultMaxConnectionsPerAddress = 32;
/**
 * Connections that wait for a place, beyond which they are refused; and those that are told why they end, beyond
 * which they are just closed.
 */
export const mostPlaceless = placelessWithin(128);

export class Places<Holder extends Newcomer> {
  readonly #options: PlacesOptions<Holder>;
  readonly #mostPerAddress: number;
  readonly #most: number;
  readonly #mostWaiting: number;
  readonly #holders = new Set<Holder>();
  // In the order in which they came.
  readonly #waiting = new Map<Holder, Waiting>();

  constructor(options: PlacesOptions<Holder>, logger: Logger, mostWaiting = mostPlaceless) {
    const {maxConnections = defaultMaxConnections} = options;
    this.#options = options;
    this.#mostPerAddress = options.maxConnectionsPerAddress ?? defaultMaxConnectionsPerAddress;
    this.#most = connectionsWithin(maxConnections);
    this.#mostWaiting = mostWaiting;
    if (this.#most < maxConnections) {
      const connections = this.#most;
      logger.warn({connections}, 'few files may be open (ulimit -n): fewer connections are taken');
    }
  }

  /** Connections that may have a place at once. */
  get most(): number {
    return this.#most;
  }

  /** Those of one address. */
  get mostPerAddress(): number {
    return this.#mostPerAddress;
  }

  /** Admit or refuse `newcomer`, now or within a moment. */
  ask(newcomer: Holder): void {
    this.#settle(newcomer, performance.now());
  }

  /** `newcomer` has gone: its place, or its turn to get one, is for others. */
  left(newcomer: Holder): void {
    this.#forget(newcomer);
    if (this.#holders.delete(newcomer)) {
      this.#placeFree();
    }
  }

  /** The first one that waits and that the free place does for has it. */
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
        // Unless it has left meanwhile, or got a place.
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
      // Another one has got its place while it was asked about.
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

/** The one of `holders` that should give way first; undefined if all have work. */
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
 * The one that should give way first: one that owes a proof, or else that without work for longest. Otherwise whoever
 * knows no token could take the places of those that do.
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
