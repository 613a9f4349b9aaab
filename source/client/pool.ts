/**
 * Connections to one server, or to several of one root. The pool reuses them, opens new ones up to a limit, and
 * replaces lost ones with a jittered back-off. Callers get them in turn. While there is no connection at all, all
 * callers wait for the same next attempt.
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

/** A connection that lives this long is stable: earlier losses no longer make waits longer. */
const stableMs = 10_000;

/** A connection that is lent to one caller, until `end`. */
export type Loan = {readonly connection: Connection; end(): void};

export class Pool {
  readonly servers: ServerSet;
  readonly #options: PoolOptions;
  readonly #idle: Connection[] = [];
  readonly #all = new Set<Connection>();
  readonly #line = new WaitingLine();
  readonly #closing = new AbortController();
  readonly #link = new Link();
  /** Good-byes in a row. Only a stable connection resets the count, a greeting does not. */
  readonly #goodByes = new GoodByes();
  #size: number;
  #opening = 0;
  /** How many of the `#opening` are opened before a caller needs them. */
  #ahead = 0;
  /** How many of the `#opening` are tried in the background. They do not count towards `size`. */
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

  /** Maximum number of connections at once. */
  get size(): number {
    return this.#size;
  }

  /** When the number is lowered, idle connections are closed now, and busy ones when they are given back. */
  set size(size: number) {
    this.#size = size;
    while (this.#free < 0 && this.#idle.length > 0) {
      // The connection that has been idle for longest is the least likely to be used again.
      this.#idle.shift()?.close();
    }

    for (let free = this.#free; free > 0; free--) {
      this.#wakeOne();
    }
  }

  /** How often the pool tries to reopen a lost connection. */
  get retries(): number {
    return this.#options.retries;
  }

  /**
   * The greeting of the newest connection to the main server or, without one, to the next server; undefined without a
   * connection.
   */
  get hello(): Hello | undefined {
    return this.servers.newest?.hello;
  }

  /** The shortest time from a preface to its greeting, in milliseconds; infinite before the first greeting. */
  get greetedAfterMs(): number {
    return this.#greetedAfterMs;
  }

  get link(): LinkState {
    return this.#link.state;
  }

  /** Calls `listener` at every change of `link`. @returns a function that removes the listener. */
  onLink(listener: (link: LinkState) => void): () => void {
    return this.#link.onChange(listener);
  }

  /** Lend an acquired connection until `end`, which releases it. Until then, aborting `signal` closes it. */
  loan(connection: Connection, signal: AbortSignal | undefined): Loan {
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
   * A connection that only the caller uses, until `release`.
   *
   * @param early sends requests on a connection that is still being opened; see `Connection.open`.
   * @throws JangadaError `unreachable` and similar errors after the last attempt; `aborted`.
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
        // All idle connections lead to other servers: close one to get a place.
        this.#idle[0]?.close();
      }

      const isOwn = this.#free > 0 && this.#ahead <= this.#line.length;
      const got = await (isOwn
        ? this.#open(stop, early, choice)
        : this.#line.wait(stop, one => this.servers.isFor(choice, one)));
      if (!isOwn && stop.aborted) {
        // The place that this caller got goes to the next caller in line.
        this.#passOn(got);
        throw aborted();
      }

      // The connection may have been closed in the same turn in which it was handed over.
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
      // A caller that needs a connection opens it itself, and gets the error.
    } finally {
      this.#ahead--;
      this.#wakeOne();
    }
  }

  /** Open a connection to `server` that is free for any caller. @returns the reason if that fails. */
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

  /** Give a connection back. A connection with pending requests is closed: nobody waits for their answers. */
  release(connection: Connection): void {
    if (connection.pending > 0 || this.#free < 0) {
      connection.close();
    }

    if (connection.closed) {
      return;
    }

    // A listing that ended early may have paused the connection.
    connection.unpause();
    this.servers.released(connection);
    if (this.#line.serve(connection)) {
      return;
    }

    if (this.#line.length > 0 && this.#free <= 0) {
      // The waiting callers cannot use its server, and need its place.
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

  /** Number of further connections that may be opened; negative when `size` was lowered below the current number. */
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

  /** @param most how often to try all servers again. */
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

        if (this.#all.size > 0) {
          const served = await this.#line.during(
            stop => this.backOff(attempt, stop),
            signal,
            one => this.servers.isFor(choice, one),
          );
          if (served !== undefined) {
            return served;
          }
        } else {
          await this.#link.nextAttempt(failure, signal);
        }

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

  /** A server has few places, so a connection that has been unused for long is closed. */
  #closeUnused(connection: Connection, idleMs: number): void {
    const {keepConnected, unusedTimeoutMs = 60_000} = this.#options;
    const isKept = keepConnected === true && this.#all.size === 1;
    if (idleMs >= unusedTimeoutMs && !isKept && this.#idle.includes(connection)) {
      connection.close();
    }
  }

  /** If there is no connection and nobody is opening one, report that, or open one. */
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

  /** If a place is free, let the next waiting caller open its own connection. */
  #wakeOne(): void {
    if (this.#free > 0) {
      this.#line.serve(undefined);
    }
  }
}
