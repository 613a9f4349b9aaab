/**
 * The servers of one root, the main one first: which of them are there, and which has least to do.
 *
 *     there ──a connection in use is lost──► in doubt ──tried at once──► there
 *       ▲  └──none can be made──► gone ◄────────┘ it fails
 *       └───────tried again in the background─┘          refused: never tried again
 *
 * A client of one server has none of this: nothing is chosen then, and nothing is tried in the background.
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

/** How a server is chosen for some work. */
export type Choice = {
  /** Whether the work is a share of more, for the server that has least to do. Default: for the first that is there. */
  isShare?: boolean | undefined;
  /** Servers that are of no use for it, as long as there is another. */
  without?: Servers | undefined;
  /** Ends the work with what it gives, if anything, when none of use is there, but others are. Default: those of use are tried again. */
  otherwise?: (() => JangadaError | undefined) | undefined;
  /** Whether the main server has to answer, as long as it is there: which version of a file is the right one, it says. */
  ofMain?: boolean | undefined;
};

export type ServerState = {
  readonly address: Address;
  readonly connections: Set<Connection>;
  /** Connections to it that are being made. */
  opening: number;
  /** Connections that it bears: it said `busy` to one more. */
  most: number;
  /** Why nothing is asked of it for now; undefined: it is there, as far as is known. */
  trouble: JangadaError | undefined;
  isRefused: boolean;
  /** Whether there was a connection to it. */
  hasAnswered: boolean;
  /** Whether somebody was told of the trouble. */
  isTold: boolean;
  failures: number;
  timer: NodeJS.Timeout | undefined;
};

type ServerSetOptions = {
  /** Whether nobody uses the connection. */
  isIdle(connection: Connection): boolean;
  /** Make a connection to `server`, for whoever needs one. @returns why there is none. */
  reach(server: ServerState): Promise<unknown>;
};

export class ServerSet {
  readonly #states: readonly ServerState[];
  readonly #options: ServerSetOptions;
  readonly #listeners = new Set<(news: ServerNews) => void>();
  /** Connections whose work goes on at another server as soon as they have nothing in hand. */
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

  /** The main one first. */
  get addresses(): readonly Address[] {
    return this.#states.map(({address}) => address);
  }

  get all(): readonly ServerState[] {
    return this.#states;
  }

  /** The newest connection to the first server to which there is one. */
  get newest(): Connection | undefined {
    const connected = this.#states.find(({connections}) => connections.size > 0);
    return [...(connected?.connections ?? [])].at(-1);
  }

  /** Those that are there, as far as is known. */
  get there(): readonly Address[] {
    return this.#states.filter(({trouble}) => trouble === undefined).map(({address}) => address);
  }

  /** Those to which there is a connection. */
  get connected(): readonly Address[] {
    return this.#states.filter(({connections}) => connections.size > 0).map(({address}) => address);
  }

  get isSeveral(): boolean {
    return this.#states.length > 1;
  }

  /** Tells of all that becomes of them. @returns a function that ends it. */
  onNews(listener: (news: ServerNews) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The server is of no use for the file at `path`: it has another version of it, for example. */
  tellUnfit(server: Address, path: string, code: ErrorCode, reason: string): void {
    this.#tell({name: 'unfit', server, path, code, reason});
  }

  /**
   * The server to go to: one that is there, or else the first that may be there again.
   *
   * @param tried Servers that have just failed. @returns undefined if there is no other.
   */
  choose(choice: Choice, tried?: ReadonlySet<ServerState>): ServerState | undefined {
    const [main] = this.#states;
    if (choice.ofMain && main?.trouble === undefined) {
      // It may have no room for one more connection: then it has to be asked again.
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

    // If all of them refuse, they say why once more.
    return left.find(({isRefused}) => !isRefused) ?? all[0];
  }

  /** Why work ends for which no server is there that is of use for it; undefined: it does not. */
  otherwise({without, otherwise}: Choice): JangadaError | undefined {
    const {there} = this;
    return there.length > 0 && there.every(address => without?.has(address) === true)
      ? otherwise?.()
      : undefined;
  }

  /** Whether a connection that comes free is one to a server that the work may go to. */
  isFor(choice: Choice, {address}: Connection): boolean {
    return choice.isShare
      ? choice.without?.has(address) !== true
      : address === this.choose(choice)?.address;
  }

  /**
   * Whether the work on `connection` had better go on at another server, which has less to do: one that is back, for
   * example. If so, it counts as gone from its own from then on.
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
    // Those that are about to move are on their way to the same one.
    if (other === undefined || this.#load(other) + this.#moving.size + 2 > this.#load(own)) {
      return false;
    }

    this.#moving.add(connection);
    return true;
  }

  /** Nobody uses the connection any more. */
  released(connection: Connection): void {
    this.#moving.delete(connection);
  }

  /** There is a connection to the server. */
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

  /** A connection to the server is gone; `reason` says why, if it was in use. */
  lost(state: ServerState, connection: Connection, reason: JangadaError | undefined): void {
    state.connections.delete(connection);
    this.#moving.delete(connection);
    if (this.isSeveral && isJangadaError(reason, 'connection_lost')) {
      // Others that were open to it may be dead as well, and not know it yet.
      state.trouble = reason;
      this.#reachLater(state, {atOnce: true});
    }
  }

  /** The state of the server at `address`, which is one of them. */
  at(address: Address): ServerState {
    const state = this.#states.find(one => one.address === address);
    if (state === undefined) {
      throw new JangadaError('internal', 'A client was asked about a server that it does not have');
    }

    return state;
  }

  /** No connection to the server could be made. */
  failed(state: ServerState, error: unknown): void {
    if (
      !this.isSeveral ||
      !isJangadaError(error) ||
      error.code === 'aborted' ||
      isOutOfFiles(error)
    ) {
      return;
    }

    if (error.code === 'busy' && state.connections.size > 0) {
      state.most = state.connections.size;
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

  /** Make a connection to the first one that answers, for whoever needs one. @returns why there is none. */
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

  /** The one with the fewest connections in use, of several the first. */
  #leastBusy(states: readonly ServerState[]): ServerState | undefined {
    const least = Math.min(...states.map(state => this.#load(state)));
    return states.find(state => this.#load(state) === least);
  }

  /** Connections that are in use, or will be. */
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
