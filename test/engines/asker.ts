/** A client that repeats a request, and measures its slowest answer. */
import {setTimeout as delay} from 'node:timers/promises';
import {parseAddress} from '../../protocol/address.ts';
import {Client} from '../../source/client/client.ts';

export class Asker implements AsyncDisposable {
  readonly #client: Client;
  readonly #asking: Promise<void>;
  #worstMs = 0;
  #stopped = false;

  /** @param ask is called after the connection is made, then 20 ms after each answer. */
  constructor(address: string, ask: (client: Client) => Promise<unknown>) {
    this.#client = new Client(parseAddress(address));
    this.#asking = this.#ask(ask);
    // The caller gets this error when it ends the asker.
    this.#asking.catch(() => undefined);
  }

  /** The time of the slowest answer so far, in whole milliseconds. */
  get worstMs(): number {
    return Math.ceil(this.#worstMs);
  }

  /** @throws if a request failed. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true;
    await this.#asking;
    await this.#client[Symbol.asyncDispose]();
  }

  async #ask(ask: (client: Client) => Promise<unknown>): Promise<void> {
    await this.#client.hello();
    while (!this.#stopped) {
      const startMs = performance.now();
      await ask(this.#client);
      this.#worstMs = Math.max(this.#worstMs, performance.now() - startMs);
      await delay(20);
    }
  }
}
