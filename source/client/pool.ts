/**
 * Connections to one server, or to several of one root: reused, made when needed up to a limit, and replaced
 * with a jittered back-off when they are lost. Callers get them in turn. While there is none at all,
 * every caller waits for the same next attempt.
 */
import type {Address} from '../../protocol/address.ts';
import {aborted, isOutOfFiles, isTransient, throwIfAborted} from '../../protocol/errors.ts';
import type {Hello} from '../../protocol/hello.ts';
import {backOffMs, pause} from './back-off.ts';
import type {PoolOptions} from './client-options.ts';
import {Connection, type Early} from './connection/connection.ts';
import {ofKnownServer} from './connection/link-error.ts';
import {GoodByes} from './connection/server-leaving.ts';
import {keepConnected} from './keep-connected.ts';
import {Link, type LinkState} from './link.ts';
import {firstAnswer} from './servers/first-answer.ts';
import {type Choice, ServerSet, type ServerState} from './servers/server-set.ts';
import {WaitingLine} from './waiting-line.ts';

/** A connection that lives so long is stable: earlier losses do not make waits longer any more. */
const stableMs = 10_000;

/** A connection that is lent to one caller until `end`. */
type Loan = {readonly connection: Connection; end(): void};

export class Pool {
  readonly servers: ServerSet;
  readonly #options: PoolOptions;
  readonly #idle: Connection[] = [];
  readonly #all = new Set<Connection>();
  readonly #line = new WaitingLine();
  readonly #closing = new AbortController();
  readonly #link = new Link();
  /** In a row, with no stable connection between them: greetings do not count. */
  readonly #goodByes = new GoodByes();
  #size: number;
  #opening = 0;
  /** Of those, the ones that are opened before somebody needs them. */
  #ahead = 0;
  /** Of those, the ones that are tried in the background: they take no place of work. */
  #reaching = 0;
  #everConnected = false;
  #isKeeping = false;
  #greetedAfterMs = Number.POSITIVE_INFINITY;

  constructor(address: Address, options: PoolOptions) {
    this.servers = new ServerSet([address, ...(options.others ?? [])], {
      isIdle: connection => this.#idle.includes(connection),
      reach: server => this.reach(server),
    });
    this.#options = options;
    this.#size = options.size;
  }

  /** Connections at once, at most. */
  get size(): number {
    return this.#size;
  }

  /** Fewer than there are: idle ones are closed now, those in use when they come back. */
  set size(size: number) {
    this.#size = size;
    while (this.#free < 0 && this.#idle.length > 0) {
      // The one that lay there for longest is the likeliest to be of no use any more.
      this.#idle.shift()?.close();
    }

    for (let free = this.#free; free > 0; free--) {
      this.#wakeOne();
    }
  }

  /** How often a lost connection is tried again. */
  get retries(): number {
    return this.#options.retries;
  }

  /** The greeting of the newest connection, as long as there is one: to the main server, if it is there. */
  get hello(): Hello | undefined {
    return this.servers.newest?.hello;
  }

  /** The shortest time from a preface to its greeting, in milliseconds; infinite before the first. */
  get greetedAfterMs(): number {
    return this.#greetedAfterMs;
  }

  get link(): LinkState {
    return this.#link.state;
  }

  /** Tells of every change of `link`. @returns a function that ends it. */
  onLink(listener: (link: LinkState) => void): () => void {
    return this.#link.onChange(listener);
  }

  /** As `acquire`; besides, aborting `signal` closes the connection as long as it is lent. */
  async lend(signal?: AbortSignal, early?: Early, choice?: Choice): Promise<Loan> {
    const connection = await this.acquire(signal, early, choice);
    const onAbort = () => connection.close();
    signal?.addEventListener('abort', onAbort, {once: true});
    if (signal?.aborted) {
      onAbort();
    }

    return {
      connection,
      end: () => {
        signal?.removeEventListener('abort', onAbort);
        this.release(connection);
      },
    };
  }

  /**
   * A connection for the caller alone, until `release`.
   *
   * @param early makes requests on a connection that is only being opened; see `Connection.open`.
   * @throws JangadaError `unreachable` and the like after the last attempt; `aborted`.
   */
  async acquire(signal?: AbortSignal, early?: Early, choice: Choice = {}): Promise<Connection> {
    const stop = this.#stopOn(signal);
    for (;;) {
      throwIfAborted(stop);
      const server = this.servers.choose(choice);
      const connection = this.#takeIdle(one => server?.connections.has(one) === true);
      if (connection !== undefined) {
        return connection;
      }

      if (this.#free === 0) {
        // What is left lies idle at other servers.
        this.#idle[0]?.close();
      }

      const isOwn = this.#free > 0 && this.#ahead <= this.#line.length;
      const got = await (isOwn
        ? this.#open(stop, early, choice)
        : this.#line.wait(stop, one => this.servers.isFor(choice, one)));
      if (!isOwn && stop.aborted) {
        // The place that this caller got is for the next one in line.
        this.#passOn(got);
        throw aborted();
      }

      // It may have been closed in the turn it was handed over in.
      if (got !== undefined && !got.closed) {
        return got;
      }
    }
  }

  /** Open connections before they are needed, until there are `count`. */
  openAhead(count: number): void {
    const missing = count - this.#all.size - this.#opening;
    for (let more = Math.min(missing, this.#free); more > 0; more--) {
      void this.#openOneAhead();
    }
  }

  async #openOneAhead(): Promise<void> {
    this.#ahead++;
    try {
      this.release(await this.#open(this.#closing.signal, undefined, {isShare: true}, 0));
    } catch {
      // Who needs one opens it, and is told why that fails.
    } finally {
      this.#ahead--;
      this.#wakeOne();
    }
  }

  /** Make a connection to `server` that is nobody's yet. @returns why there is none. */
  async reach(server: ServerState): Promise<unknown> {
    this.#opening++;
    this.#reaching++;
    let connection: Connection | undefined;
    let failure: unknown;
    try {
      connection = await this.#connect(server, this.#closing.signal);
    } catch (error) {
      failure = error;
    }

    this.#opening--;
    this.#reaching--;
    if (connection !== undefined) {
      this.release(connection);
    }

    this.#withoutConnection(failure);
    return failure;
  }

  /** Give a connection back. One with requests under way is closed: nobody waits for them now. */
  release(connection: Connection): void {
    if (connection.pending > 0 || this.#free < 0) {
      connection.close();
    }

    if (connection.closed) {
      return;
    }

    // A listing that was left before its end may have paused it.
    connection.unpause();
    this.servers.released(connection);
    if (this.#line.serve(connection)) {
      return;
    }

    if (this.#line.length > 0 && this.#free <= 0) {
      // Who waits has no use for its server, and needs its place.
      connection.close();
    } else {
      this.#idle.push(connection);
    }
  }

  /** Wait before attempt `attempt` (0: the first after a failure). @throws JangadaError `aborted`. */
  async backOff(attempt: number, signal?: AbortSignal): Promise<void> {
    await pause(backOffMs(attempt), this.#stopOn(signal));
  }

  close(): void {
    this.#closing.abort();
    this.servers.close();
    for (const connection of this.#all) {
      connection.close();
    }
  }

  #stopOn(signal: AbortSignal | undefined): AbortSignal {
    return signal === undefined
      ? this.#closing.signal
      : AbortSignal.any([signal, this.#closing.signal]);
  }

  /** Places for further connections; negative when the size has shrunk below what there is. */
  get #free(): number {
    return this.#size - this.#all.size - (this.#opening - this.#reaching);
  }

  #takeIdle(isFit: (connection: Connection) => boolean): Connection | undefined {
    for (let at = this.#idle.length - 1; at >= 0; at--) {
      const connection = this.#idle[at];
      if (connection !== undefined && isFit(connection)) {
        this.#idle.splice(at, 1);
        return connection;
      }
    }

    return undefined;
  }

  /** @param most times that all servers are tried again. */
  async #open(
    signal: AbortSignal,
    early: Early | undefined,
    choice: Choice,
    most = this.#options.retries,
  ): Promise<Connection> {
    this.#opening++;
    const goodByes = new GoodByes();
    let failure: unknown;
    try {
      for (let attempt = 0; ; ) {
        const answer = await firstAnswer(this.servers, choice, {
          connect: server => this.#connect(server, signal, early),
          idle: () => this.#takeIdle(one => this.servers.isFor(choice, one)),
          signal,
        });
        if ('connection' in answer) {
          return answer.connection;
        }

        failure = answer.failure;
        if (goodByes.costsNothing(failure)) {
          continue;
        }

        const retries = this.#everConnected || this.#options.retryFirst ? most : 0;
        if (!(isTransient(failure) || isOutOfFiles(failure)) || attempt >= retries) {
          throw failure;
        }

        await (this.#all.size > 0
          ? this.backOff(attempt, signal)
          : this.#link.nextAttempt(failure, signal));
        attempt++;
      }
    } finally {
      this.#opening--;
      this.#withoutConnection(failure);
      this.#wakeOne();
    }
  }

  async #connect(server: ServerState, signal: AbortSignal, early?: Early): Promise<Connection> {
    server.opening++;
    try {
      const options = {...this.#options, signal};
      return this.#adopt(server, await Connection.open(server.address, options, early));
    } catch (error) {
      throw server.hasAnswered ? ofKnownServer(server.address, error) : error;
    } finally {
      server.opening--;
    }
  }

  #adopt(server: ServerState, connection: Connection): Connection {
    const bornMs = performance.now();
    this.#everConnected = true;
    this.#greetedAfterMs = Math.min(this.#greetedAfterMs, connection.greetedAfterMs);
    this.#all.add(connection);
    this.servers.answered(server, connection);
    this.#link.connected();
    connection.onIdle(idleMs => this.#closeUnused(connection, idleMs));
    connection.onClose(reason => {
      this.#all.delete(connection);
      const wasIdle = this.#takeIdle(one => one === connection) !== undefined;
      this.servers.lost(server, connection, wasIdle ? undefined : reason);

      if (performance.now() - bornMs >= stableMs) {
        this.#link.stable();
        this.#goodByes.startAnew();
      }

      this.#withoutConnection(reason);
      this.#wakeOne();
    });
    return connection;
  }

  /** Places at the server are few: a connection that nobody has needed for long is closed. */
  #closeUnused(connection: Connection, idleMs: number): void {
    const {keepConnected, unusedTimeoutMs = 60_000} = this.#options;
    const isKept = keepConnected === true && this.#all.size === 1;
    if (idleMs >= unusedTimeoutMs && !isKept && this.#idle.includes(connection)) {
      connection.close();
    }
  }

  /** If there is none any more and nobody is making one, say so, or make one. */
  #withoutConnection(cause: unknown): void {
    if (this.#all.size > 0 || this.#opening > 0 || this.#isKeeping) {
      return;
    }

    if (this.#options.keepConnected === true && !this.#closing.signal.aborted) {
      void this.#keep(cause);
    } else {
      this.#link.idle();
    }
  }

  async #keep(cause: unknown): Promise<void> {
    const {signal} = this.#closing;
    this.#isKeeping = true;
    try {
      await keepConnected(cause, {
        ...{link: this.#link, goodByes: this.#goodByes, signal},
        isAlone: () => this.#all.size + this.#opening === 0,
        tryOnce: () => this.servers.reachOne(),
      });
    } finally {
      this.#isKeeping = false;
    }
  }

  #passOn(connection: Connection | undefined): void {
    if (connection === undefined) {
      this.#wakeOne();
    } else {
      this.release(connection);
    }
  }

  /** If a place is free, let the next one that waits make its own connection. */
  #wakeOne(): void {
    if (this.#free > 0) {
      this.#line.serve(undefined);
    }
  }
}
