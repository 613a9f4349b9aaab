/**
 * The one server that the full screen has open, with its client and its queue. The queue of the previous server is
 * closed first, so that another process can work on it.
 */
import type {Address} from '../../protocol/address.ts';
import {aborted, isJangadaError} from '../../protocol/errors.ts';
import {rootPath} from '../../protocol/remote-path.ts';
import {Client, type ClientOptions} from '../client/client.ts';
import type {CertificateError} from '../client/connection/certificate-error.ts';
import type {CompressionMode} from '../client/connection/compression/compression-choice.ts';
import type {Ask} from '../client/connection/ways/ssh/master.ts';
import type {Ssh} from '../client/connection/ways/ssh/ssh.ts';
import {connect} from '../commands/connect.ts';
import {serverAddress} from '../commands/queue/server-name.ts';
import type {Identities} from '../identities/identities.ts';
import type {QueueStore} from '../transfers/database/queue-store.ts';
import type {LeftTransfers} from '../transfers/database/stored-rows.ts';
import {type LimitSettings, Queue} from '../transfers/queue/queue.ts';
import {SavedFiles} from './saved-files.ts';

export type Session = {readonly client: Client; readonly queue: Queue};

/** Remaining transfers in the queue of the server at `address`. */
export type LeftWork = Omit<LeftTransfers, 'server'> & {readonly address: Address};

type SessionsOptions = {
  /** What this user knows of servers. Default: nothing is known, and nothing is remembered. */
  readonly identities?: Identities | undefined;
  readonly store: QueueStore | undefined;
  readonly limits: LimitSettings;
  /** Connects to servers of ssh://. The caller ends it. Default: one for each server. */
  readonly ssh?: Ssh | undefined;
  /** How often a lost connection is tried again. Default: for ever, also when nothing is under way. */
  readonly retries: number | undefined;
  /** Whether the server may compress blocks. */
  readonly compress?: CompressionMode | undefined;
};

export class Sessions implements AsyncDisposable {
  /** Files that the queues of these servers have saved in this process. */
  readonly saved = new SavedFiles();
  readonly #options: SessionsOptions;
  #session: Session | undefined;
  #ended: Promise<void> = Promise.resolve();

  constructor(options: SessionsOptions) {
    this.#options = options;
  }

  /** From now on ssh asks in the terminal that `lend` gives to it; with undefined, in the terminal of the process. */
  set lend(lend: Ask | undefined) {
    const {ssh} = this.#options;
    if (ssh !== undefined) {
      ssh.lend = lend;
    }
  }

  /**
   * Open the server at `address` without waiting for a connection: the client tries until it has one.
   *
   * @param others further servers of the same root.
   */
  begin(address: Address, others: readonly Address[] = []): Session {
    return this.#with(this.#client(address, {retryFirst: true, others}));
  }

  /**
   * Open the server at `address` once there is a connection to it.
   *
   * @throws JangadaError as commands do: `unreachable`, `unauthorized`, `untrusted`, `local_io`; `aborted`.
   */
  async connect(address: Address, signal: AbortSignal): Promise<Session> {
    // The folder of the address is where the user begins; it is not a part of the server's name.
    const client = this.#client({...address, path: rootPath}, {});
    try {
      await connect(client, signal);
      if (signal.aborted) {
        throw aborted();
      }
    } catch (error) {
      await client[Symbol.asyncDispose]();
      throw error;
    }

    return this.#with(client);
  }

  /** Trust the server that has shown this certificate from now on. @throws JangadaError `local_io`. */
  trust(certificate: CertificateError): void {
    this.#options.identities?.accept(certificate);
  }

  /**
   * Close the open server, if there is one: transfers stop and stay in its queue, and another process may work on that
   * from now on.
   *
   * @throws JangadaError `local_io` if the last requests for another process cannot be written.
   */
  async end(): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    if (session !== undefined) {
      this.#ended = endOf(session).finally(() => {
        this.#ended = Promise.resolve();
      });
    }

    // If the server is being closed already, wait for that, too.
    await this.#ended;
  }

  /**
   * Servers with transfers left in their queues; none if queues are not kept. Each step of the generator reads a part
   * of the queues.
   */
  *left(): Generator<undefined, LeftWork[]> {
    const {store} = this.#options;
    const all = store === undefined ? [] : yield* store.left();
    return all.flatMap(({server, ...left}) => {
      try {
        return {address: serverAddress(server), ...left};
      } catch (error) {
        if (!isJangadaError(error, 'usage')) {
          throw error;
        }

        // The stored name is not an address, so the server cannot be opened.
        return [];
      }
    });
  }

  /**
   * A number that changes when another program changes a queue; reading it takes microseconds. 0 if queues are not
   * kept.
   */
  get queuesVersion(): number {
    return this.#options.store?.dataVersion ?? 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end();
  }

  #client(address: Address, how: Pick<ClientOptions, 'retryFirst' | 'others'>): Client {
    const {compress, retries, ssh} = this.#options;
    // A user watches and can leave, so by default the client never gives up.
    return new Client(address, {
      ...how,
      retries: retries ?? Number.POSITIVE_INFINITY,
      keepConnected: retries === undefined,
      compress,
      ssh,
      trust: this.#options.identities,
    });
  }

  #with(client: Client): Session {
    const {limits, store} = this.#options;
    this.#session = {
      client,
      queue: new Queue({client, limits, store, onSaved: file => this.saved.add(file)}),
    };
    return this.#session;
  }
}

async function endOf({client, queue}: Session): Promise<void> {
  try {
    await queue[Symbol.asyncDispose]();
  } finally {
    await client[Symbol.asyncDispose]();
  }
}
