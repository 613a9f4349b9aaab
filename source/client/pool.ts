/**
 * Connections to one server: reused, made when needed up to a limit, and replaced with a
 * jittered back-off when they are lost. Who waits for one waits in turn.
 */
import {setTimeout as delay} from 'node:timers/promises';
import type {Address} from '../../protocol/address.ts';
import {JangadaError} from '../../protocol/errors.ts';
import {backOffMs} from './back-off.ts';
import {Connection} from './connection.ts';
import type {RateLimiter} from './rate-limiter.ts';

/** What the link to the server is doing. */
export type LinkState =
  | {readonly name: 'idle'}
  | {readonly name: 'connected'}
  | {readonly name: 'waiting'; readonly retryInMs: number; readonly reason: string};

export type PoolOptions = {
  /** Connections at once, at most. */
  size: number;
  /** Attempts after a connection was lost or could not be made again. */
  retries: number;
  /** Whether also the very first connection is tried so often. */
  retryFirst: boolean;
  limiter?: RateLimiter | undefined;
  silenceTimeoutMs?: number | undefined;
};

type Waiter = {resolve: (connection: Connection | undefined) => void};

/** Errors after which another attempt may succeed. */
export function isTransient(error: unknown): boolean {
  return (
    error instanceof JangadaError &&
    ['connection_lost', 'unreachable', 'busy', 'timed_out'].includes(error.code)
  );
}

export class Pool {
  readonly #address: Address;
  readonly #options: PoolOptions;
  readonly #idle: Connection[] = [];
  readonly #all = new Set<Connection>();
  readonly #waiters: Waiter[] = [];
  readonly #closing = new AbortController();
  readonly #linkListeners = new Set<(link: LinkState) => void>();
  #size: number;
  #opening = 0;
  #everConnected = false;
  #link: LinkState = {name: 'idle'};

  constructor(address: Address, options: PoolOptions) {
    this.#address = address;
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

  get link(): LinkState {
    return this.#link;
  }

  /** Tells of every change of `link`. @returns a function that ends it. */
  onLink(listener: (link: LinkState) => void): () => void {
    this.#linkListeners.add(listener);
    return () => this.#linkListeners.delete(listener);
  }

  /**
   * A connection for the caller alone, until `release`.
   *
   * @throws JangadaError `unreachable` and the like after the last attempt; `aborted`.
   */
  async acquire(signal?: AbortSignal): Promise<Connection> {
    const stop =
      signal === undefined ? this.#closing.signal : AbortSignal.any([signal, this.#closing.signal]);
    for (;;) {
      throwIfAborted(stop);
      const connection = this.#takeIdle();
      if (connection !== undefined) {
        return connection;
      }

      if (this.#free > 0) {
        return await this.#open(stop);
      }

      const handed = await this.#wait(stop);
      if (stop.aborted) {
        // What it was woken for is for the next one in line.
        this.#passOn(handed);
        throw abortedError();
      }

      if (handed !== undefined) {
        return handed;
      }
    }
  }

  /** Give a connection back. One with requests under way is closed: nobody waits for them now. */
  release(connection: Connection): void {
    if (connection.pending > 0 || this.#free < 0) {
      connection.close();
    }

    if (connection.closed) {
      return;
    }

    // Who listed and left before the end may have told it to wait.
    connection.unpause();
    const waiter = this.#waiters.shift();
    if (waiter === undefined) {
      this.#idle.push(connection);
    } else {
      waiter.resolve(connection);
    }
  }

  /** Wait before attempt `attempt` (0: the first after a failure). @throws JangadaError `aborted`. */
  async backOff(attempt: number, signal?: AbortSignal, cause?: unknown): Promise<void> {
    const retryInMs = backOffMs(attempt);
    if (this.#all.size === 0 && cause instanceof Error) {
      this.#setLink({name: 'waiting', retryInMs, reason: cause.message});
    }

    await delay(retryInMs, undefined, {signal: this.#stopOn(signal)}).catch(() => {
      throw abortedError();
    });
  }

  close(): void {
    this.#closing.abort();
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
    return this.#size - this.#all.size - this.#opening;
  }

  #takeIdle(): Connection | undefined {
    let connection = this.#idle.pop();
    while (connection?.closed) {
      connection = this.#idle.pop();
    }

    return connection;
  }

  async #open(signal: AbortSignal): Promise<Connection> {
    this.#opening++;
    try {
      for (let attempt = 0; ; attempt++) {
        try {
          return this.#adopt(await Connection.open(this.#address, {...this.#options, signal}));
        } catch (error) {
          const retries =
            this.#everConnected || this.#options.retryFirst ? this.#options.retries : 0;
          if (!isTransient(error) || attempt >= retries) {
            if (this.#all.size === 0) {
              this.#setLink({name: 'idle'});
            }

            throw error;
          }

          await this.backOff(attempt, signal, error);
        }
      }
    } finally {
      this.#opening--;
      this.#wakeOne();
    }
  }

  #adopt(connection: Connection): Connection {
    this.#everConnected = true;
    this.#all.add(connection);
    this.#setLink({name: 'connected'});
    connection.onClose(() => {
      this.#all.delete(connection);
      if (this.#all.size === 0 && this.#link.name === 'connected') {
        this.#setLink({name: 'idle'});
      }

      this.#wakeOne();
    });
    return connection;
  }

  #wait(signal: AbortSignal): Promise<Connection | undefined> {
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        resolve: connection => {
          signal.removeEventListener('abort', onAbort);
          resolve(connection);
        },
      };
      const onAbort = () => {
        this.#waiters.splice(this.#waiters.indexOf(waiter), 1);
        reject(abortedError());
      };
      signal.addEventListener('abort', onAbort, {once: true});
      this.#waiters.push(waiter);
    });
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
      this.#waiters.shift()?.resolve(undefined);
    }
  }

  #setLink(link: LinkState): void {
    if (link.name === this.#link.name && link.name !== 'waiting') {
      return;
    }

    this.#link = link;
    for (const listener of this.#linkListeners) {
      listener(link);
    }
  }
}

function throwIfAborted(signal: AbortSignal): void {
  if (signal.aborted) {
    throw abortedError();
  }
}

function abortedError(): JangadaError {
  return new JangadaError('aborted', 'Stopped on request');
}
