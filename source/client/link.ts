/** The state of the link to a server, and when the server is tried again while there is no connection. */
import {isJangadaError} from '../../protocol/errors.ts';
import {backOffMs} from './back-off.ts';
import {RetryWait} from './retry-wait.ts';

export type LinkState =
  | {readonly name: 'idle'}
  | {readonly name: 'connected'}
  | {
      readonly name: 'waiting';
      /** From when this was said. */
      readonly retryInMs: number;
      /** The same as a time, in milliseconds since 1970; it has passed while an attempt is made. */
      readonly retryAtMs: number;
      /** A sentence, and the same in a few words. */
      readonly reason: string;
      readonly brief: string;
    };

/** Failures that are remembered of a server that is back, until it is known to be stable. */
const rememberedFailures = 3;

export class Link {
  readonly #listeners = new Set<(state: LinkState) => void>();
  #state: LinkState = {name: 'idle'};
  // Attempts in a row that came to nothing, all together.
  #failures = 0;
  #retry: RetryWait | undefined;

  get state(): LinkState {
    return this.#state;
  }

  /** Tells of every change of `state`. @returns a function that ends it. */
  onChange(listener: (state: LinkState) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Wait for the next attempt at the server, which all callers share. @throws JangadaError `aborted`. */
  async nextAttempt(cause: unknown, signal: AbortSignal): Promise<void> {
    if (this.#retry === undefined) {
      const retryInMs = backOffMs(this.#failures);
      this.#retry = new RetryWait(retryInMs, elapsed => {
        this.#retry = undefined;
        // One that was given up says nothing of the server.
        this.#failures += elapsed ? 1 : 0;
      });
      const reason = cause instanceof Error ? cause.message : String(cause);
      const brief = isJangadaError(cause) ? cause.brief : reason;
      const retryAtMs = Date.now() + retryInMs;
      this.#set({name: 'waiting', retryInMs, retryAtMs, reason, brief});
    }

    await this.#retry.join(signal);
  }

  /** There is a connection: nobody has to wait any longer. */
  connected(): void {
    this.#failures = Math.min(this.#failures, rememberedFailures);
    this.#set({name: 'connected'});
    this.#retry?.end();
  }

  /** A connection has lived for long: earlier losses do not make waits longer any more. */
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
