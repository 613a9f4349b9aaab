/**
 * The servers of one root, the main one first: which of them answer, and which is the least busy.
 *
 *     there ──a busy connection is lost──► in doubt ──tried at once──► there
 *       ▲  └──cannot connect──► gone ◄────────┘ the attempt fails
 *       └──────tried again in the background─┘          refused: never tried again
 *
 * None of this applies to a client of one server: it has no choice, and tries nothing in the background.
 */
import type {Address} from '../../../protocol/address.ts';
import {
  type ErrorCode,
  isJangadaError,
  isOutOfFiles,
  isTransient,
  JangadaError,
} from '../../../protocol/errors.ts';
import {backOffMs} from '../back-off.ts';
import type {Connection} from '../connection/connection.ts';
import type {ServerNews} from './server-news.ts';

type Servers = Pick<ReadonlySet<Address>, 'has'>;

/** How to choose a server for some work. */
export type Choice = {
  /**
   * Whether the work is one share of a larger piece, so that the least busy server gets it. Default: the first server
   * that is there.
   */
  isShare?: boolean | undefined;
  /** Servers that cannot do this work. They are used only if there is no other server. */
  without?: Servers | undefined;
  /**
   * Called when servers are there but none of them can do this work. If it returns an error, the work ends with that
   * error. Default: the servers that can do the work are tried again.
   */
  otherwise?: (() => JangadaError | undefined) | undefined;
  /**
   * Whether the main server must answer while it is there, because it decides which version of a file is the right one.
   */
  ofMain?: boolean | undefined;
};

export type ServerState = {
  readonly address: Address;
  readonly connections: Set<Connection>;
  /** Number of connections to it that are being opened. */
  opening: number;
  /** Number of connections that the server accepts. Known once it has answered `busy` to one more. */
  most: number;
  /** Why no requests go to this server for now; undefined: it is there, as far as is known. */
  trouble: JangadaError | undefined;
  isRefused: boolean;
  /** Whether there has ever been a connection to it. */
  hasAnswered: boolean;
  /** Whether the listeners know of the trouble. */
  isTold: boolean;
  failures: number;
  timer: NodeJS.Timeout | undefined;
};

type ServerSetOptions = {
  /** Whether no caller uses the connection. */
  isIdle(connection: Connection): boolean;
  /** Open a connection to `server`, free for any caller. @returns the reason if that fails. */
  reach(server: ServerState): Promise<unknown>;
};

export class ServerSet {
  readonly #states: readonly ServerState[];
  readonly #options: ServerSetOptions;
  readonly #listeners = new Set<(news: ServerNews) => void>();
  /** Connections whose work moves to another server as soon as their pending requests are answered. */
  readonly #moving = new Set<Connection>();
  #isClosed = false;

  constructor(addresses: readonly Address[], options: ServerSetOptions) {
    this.#options = options;
    this.#states = addresses.map(address => ({
      ...{address, connections: new Set<Connection>(), opening: 0, failures: 0},
      ...{most: Number.POSITIVE_INFINITY, trouble: undefined, timer: undefined},
      ...{isRefused: false, hasAnswered: false, isTold: false},
    }));
  }

  /** The main server first. */
  get addresses(): readonly Address[] {
    return this.#states.map(({address}) => address);
  }

  get all(): readonly ServerState[] {
    return this.#states;
  }

  /** The newest connection to the first server that has one. */
  get newest(): Connection | undefined {
    const connected = this.#states.find(({connections}) => connections.size > 0);
    return [...(connected?.connections ?? [])].at(-1);
  }

  /** Servers that are there, as far as is known. */
  get there(): readonly Address[] {
    return this.#states.filter(({trouble}) => trouble === undefined).map(({address}) => address);
  }

  /** Servers to which there is a connection. */
  get connected(): readonly Address[] {
    return this.#states.filter(({connections}) => connections.size > 0).map(({address}) => address);
  }

  get isSeveral(): boolean {
    return this.#states.length > 1;
  }

  /** Calls `listener` with all news about the servers. @returns a function that removes the listener. */
  onNews(listener: (news: ServerNews) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The server cannot be used for the file at `path`: for example, it has another version of the file. */
  tellUnfit(server: Address, path: string, code: ErrorCode, reason: string): void {
    this.#tell({name: 'unfit', server, path, code, reason});
  }

  /**
   * The server to connect to: one that is there, otherwise the first that may be there again.
   *
   * @param tried servers that have just failed. @returns undefined if there is no other server.
   */
  choose(choice: Choice, tried?: ReadonlySet<ServerState>): ServerState | undefined {
    const [main] = this.#states;
    if (choice.ofMain && main?.trouble === undefined) {
      // If it had no room for one more connection, it has to be asked again.
      return main === undefined || tried?.has(main) ? undefined : main;
    }

    const left = this.#states.filter(state => tried?.has(state) !== true);
    const useful = left.filter(({address}) => choice.without?.has(address) !== true);
    const all = useful.length > 0 || tried !== undefined ? useful : left;
    const accepting = all.filter(({isRefused}) => !isRefused);
    const there = accepting.filter(state => state.trouble === undefined && !this.#isFull(state));
    if (there.length > 0) {
      return choice.isShare ? this.#leastBusy(there) : there[0];
    }

    if (accepting.length > 0 || tried !== undefined) {
      return accepting[0] ?? (this.#states.every(({isRefused}) => isRefused) ? all[0] : undefined);
    }

    // If all servers refuse, one is asked again, to get its reason.
    return left.find(({isRefused}) => !isRefused) ?? all[0];
  }

  /** The error that ends work if servers are there but none can do it; undefined: the work continues. */
  otherwise({without, otherwise}: Choice): JangadaError | undefined {
    const {there} = this;
    return there.length > 0 && there.every(address => without?.has(address) === true)
      ? otherwise?.()
      : undefined;
  }

  /** Whether the work may use a connection that has become free. */
  isFor(choice: Choice, {address}: Connection): boolean {
    return choice.isShare
      ? choice.without?.has(address) !== true
      : address === this.choose(choice)?.address;
  }

  /**
   * Whether the work on `connection` should move to another server that is less busy, for example one that is back. If
   * so, the connection no longer counts as load of its server.
   */
  beginsToMove(connection: Connection, without: Servers): boolean {
    const own = this.#states.find(({connections}) => connections.has(connection));
    if (!this.isSeveral || own === undefined || this.#moving.has(connection)) {
      return this.#moving.has(connection);
    }

    const others = this.#states.filter(
      state =>
        state !== own &&
        state.trouble === undefined &&
        !without.has(state.address) &&
        !this.#isFull(state),
    );
    const other = this.#leastBusy(others);
    // The connections that are about to move will all add to the load of that server.
    if (other === undefined || this.#load(other) + this.#moving.size + 2 > this.#load(own)) {
      return false;
    }

    this.#moving.add(connection);
    return true;
  }

  /** No caller uses the connection any more. */
  released(connection: Connection): void {
    this.#moving.delete(connection);
  }

  /** A connection to the server was opened. */
  answered(state: ServerState, connection: Connection): void {
    state.connections.add(connection);
    state.hasAnswered = true;
    state.trouble = undefined;
    state.isRefused = false;
    state.failures = 0;
    state.most = Number.POSITIVE_INFINITY;
    clearTimeout(state.timer);
    state.timer = undefined;
    if (state.isTold) {
      state.isTold = false;
      this.#tell({name: 'back', server: state.address});
    }
  }

  /** A connection to the server was closed; `reason` says why if it was in use. */
  lost(state: ServerState, connection: Connection, reason: JangadaError | undefined): void {
    state.connections.delete(connection);
    this.#moving.delete(connection);
    if (this.isSeveral && isJangadaError(reason, 'connection_lost')) {
      // Its other connections may be dead as well, without having noticed yet.
      state.trouble = reason;
      this.#reachLater(state, {atOnce: true});
    }
  }

  /** The state of the server at `address`, which must be in this set. */
  at(address: Address): ServerState {
    const state = this.#states.find(one => one.address === address);
    if (state === undefined) {
      throw new JangadaError('internal', 'A client was asked about a server that it does not have');
    }

    return state;
  }

  /** An attempt to connect to the server has failed. */
  failed(state: ServerState, error: unknown): void {
    if (!this.isSeveral || !isJangadaError(error) || error.code === 'aborted') {
      return;
    }

    if (isOutOfFiles(error)) {
      if (state.trouble !== undefined) {
        // This attempt says nothing about the server, which is still in doubt.
        this.#reachLater(state);
      }

      return;
    }

    if (error.code === 'busy' && state.connections.size > 0) {
      state.most = state.connections.size;
      // It has answered.
      state.trouble = undefined;
      return;
    }

    state.trouble = error;
    if (isTransient(error)) {
      this.#reachLater(state);
    } else {
      state.isRefused = true;
    }

    const others = this.there;
    if (!state.isTold && (state.isRefused || others.length > 0)) {
      state.isTold = true;
      const {address: server} = state;
      this.#tell(
        state.isRefused
          ? {name: 'refused', server, reason: error.message}
          : {name: 'gone', server, brief: error.brief, others},
      );
    }
  }

  /** Open a connection to the first server that answers, free for any caller. @returns the reason if none answers. */
  async reachOne(): Promise<unknown> {
    let first: unknown;
    const accepting = this.#states.filter(({isRefused}) => !isRefused);
    for (const state of accepting.length > 0 ? accepting : this.#states) {
      const failure = await this.#options.reach(state);
      if (failure === undefined) {
        return undefined;
      }

      this.failed(state, failure);
      first ??= failure;
    }

    return first;
  }

  close(): void {
    this.#isClosed = true;
    for (const {timer} of this.#states) {
      clearTimeout(timer);
    }
  }

  #reachLater(state: ServerState, {atOnce = false} = {}): void {
    if (state.timer === undefined && !this.#isClosed) {
      const milliseconds = atOnce ? 0 : backOffMs(state.failures++);
      state.timer = setTimeout(() => {
        state.timer = undefined;
        void this.#options.reach(state).then(error => this.failed(state, error));
      }, milliseconds);
      state.timer.unref();
    }
  }

  /** The server with the fewest busy connections; the first of several. */
  #leastBusy(states: readonly ServerState[]): ServerState | undefined {
    const least = Math.min(...states.map(state => this.#load(state)));
    return states.find(state => this.#load(state) === least);
  }

  /** Number of connections that are in use or being opened. */
  #load({connections, opening}: ServerState): number {
    const used = [...connections].filter(
      connection => !this.#options.isIdle(connection) && !this.#moving.has(connection),
    );
    return used.length + opening;
  }

  #isFull({connections, most}: ServerState): boolean {
    return connections.size >= most && ![...connections].some(one => this.#options.isIdle(one));
  }

  #tell(news: ServerNews): void {
    for (const listener of this.#listeners) {
      listener(news);
    }
  }
}
