/** The state of the link to a server. While there is no connection, it decides when to try the server again. */
import {isJangadaError} from '../../protocol/errors.ts';
import {backOffMs} from './back-off.ts';
import {RetryWait} from './retry-wait.ts';

export type LinkState =
  | {readonly name: 'idle'}
  | {readonly name: 'connected'}
  | {
      readonly name: 'waiting';
      /** Milliseconds to the next attempt, counted from the time of this state. */
      readonly retryInMs: number;
      /** The time of the next attempt, in milliseconds since 1970. It is in the past while an attempt runs. */
      readonly retryAtMs: number;
      /** The reason in one sentence, and below in a few words. */
      readonly reason: string;
      readonly brief: string;
    };

/** Number of failures that a new connection keeps, until it is known to be stable. */
const rememberedFailures = 3;

export class Link {
  readonly #listeners = new Set<(state: LinkState) => void>();
  #state: LinkState = {name: 'idle'};
  // Failed attempts in a row, of all callers together.
  #failures = 0;
  #retry: RetryWait | undefined;

  get state(): LinkState {
    return this.#state;
  }

  /** Calls `listener` at every change of `state`. @returns a function that removes the listener. */
  onChange(listener: (state: LinkState) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Wait for the next attempt to connect, which all callers share. @throws JangadaError `aborted`. */
  async nextAttempt(cause: unknown, signal: AbortSignal): Promise<void> {
    if (this.#retry === undefined) {
      const retryInMs = backOffMs(this.#failures);
      this.#retry = new RetryWait(retryInMs, elapsed => {
        this.#retry = undefined;
        // A wait that was given up says nothing about the server.
        this.#failures += elapsed ? 1 : 0;
      });
      const reason = cause instanceof Error ? cause.message : String(cause);
      const brief = isJangadaError(cause) ? cause.brief : reason;
      const retryAtMs = Date.now() + retryInMs;
      this.#set({name: 'waiting', retryInMs, retryAtMs, reason, brief});
    }

    await this.#retry.join(signal);
  }

  /** There is a connection: end the wait of all callers. */
  connected(): void {
    this.#failures = Math.min(this.#failures, rememberedFailures);
    this.#set({name: 'connected'});
    this.#retry?.end();
  }

  /** A connection has lived long enough: earlier losses no longer make waits longer. */
  stable(): void {
    this.#failures = 0;
  }

  /** There is no connection, and nobody needs one. */
  idle(): void {
    this.#set({name: 'idle'});
  }

  #set(state: LinkState): void {
    if (state.name === this.#state.name && state.name !== 'waiting') {
      return;
    }

    this.#state = state;
    for (const listener of this.#listeners) {
      listener(state);
    }
  }
}
