/**
 * Typed calls to one server. Each call has a connection for itself while it runs. Aborting a call closes that
 * connection: that is how the protocol cancels. If the connection is lost before the caller has used anything of the
 * answer, the call is repeated.
 */
import type {Address} from '../../protocol/address.ts';
import {chooseAlgorithm, type DigestAlgorithm, type HashAlgorithm} from '../../protocol/block.ts';
import {isTransient} from '../../protocol/errors.ts';
import type {Hello} from '../../protocol/hello.ts';
import type {Answers, Entry, RequestName, Requests} from '../../protocol/messages.ts';
import {type RemotePath, rootPath} from '../../protocol/remote-path.ts';
import {
  type AskOptions,
  ask,
  type CallOptions,
  type LastFrame,
  type Progress,
  type StatEntry,
} from './ask.ts';
import {askDigests, type DigestListener, type Digests} from './ask-digests.ts';
import type {AheadOptions, ClientOptions, EntriesRequest, FindOptions} from './client-options.ts';
import {CompressionChoice} from './connection/compression/compression-choice.ts';
import type {Connection} from './connection/connection.ts';
import type {Trust} from './connection/identity.ts';
import {RateLimiter} from './connection/rate-limiter.ts';
import {Ssh} from './connection/ways/ssh/ssh.ts';
import {beginEarly} from './early/early-work.ts';
import {HeadStart} from './early/head-start.ts';
import {
  EntriesAhead,
  mayGoEarly,
  type StreamOptions,
  streamEntries,
} from './early/stream-entries.ts';
import type {LinkState} from './link.ts';
import {Pool} from './pool.ts';
import {Retries} from './retries.ts';
import type {Choice, ServerSet} from './servers/server-set.ts';

export type {CallOptions, Progress, StatEntry} from './ask.ts';
export type {Digests} from './ask-digests.ts';
export type {ClientOptions, FindOptions} from './client-options.ts';
export type {LinkState} from './link.ts';

/** From this round trip on (milliseconds), the client opens connections before they are needed. */
const longWayMs = 20;

/** Below this round trip (milliseconds), one connection through ssh carries 100 MB a second. */
const shortWayMs = 20;

/** Extra connections: downloads may use all of the others, and a folder can still be opened. */
const spareConnections = 2;

export class Client implements AsyncDisposable {
  readonly address: Address;
  readonly trust: Trust | undefined;
  /** Decides whether to request compressed blocks. */
  readonly compression: CompressionChoice;
  readonly #pool: Pool;
  readonly #ssh: Ssh | undefined;
  readonly #ownsSsh: boolean;
  readonly #limiter: RateLimiter;
  #connections: number;
  /** The shortest round trip that was measured, of at most three pings. */
  #roundTripMs = Number.POSITIVE_INFINITY;
  #pings = 0;
  #headStart: HeadStart | undefined;
  #entriesAhead: EntriesAhead | undefined;

  constructor(address: Address, options: ClientOptions = {}) {
    this.address = address;
    this.trust = options.trust;
    this.#limiter = options.limiter ?? new RateLimiter(undefined);
    this.compression = new CompressionChoice(address, this.#limiter, options.compress);
    this.#connections = options.connections ?? 4;
    const usesSsh = [address, ...(options.others ?? [])].some(({scheme}) => scheme === 'ssh');
    this.#ownsSsh = usesSsh && options.ssh === undefined;
    this.#ssh = this.#ownsSsh ? new Ssh() : options.ssh;
    this.#pool = new Pool(address, {
      others: options.others,
      size: this.#connections + spareConnections,
      retries: options.retries ?? 0,
      retryFirst: options.retryFirst ?? false,
      keepConnected: options.keepConnected,
      limiter: this.#limiter,
      silenceTimeoutMs: options.silenceTimeoutMs,
      trust: options.trust,
      ssh: this.#ssh,
    });
  }

  /** Maximum number of connections, without the two for short calls. May change at any time. */
  get connections(): number {
    return this.#connections;
  }

  /** Lowering the number does not stop busy connections; they are closed when their work ends. */
  set connections(count: number) {
    this.#connections = count;
    this.#pool.size = count + spareConnections;
  }

  /** Limit in bytes a second for everything received; undefined: no limit. May change at any time. */
  get bytesPerSecond(): number | undefined {
    return this.#limiter.bytesPerSecond;
  }

  /** Changes the limiter, and so the limit of every client that shares it. */
  set bytesPerSecond(limit: number | undefined) {
    this.#limiter.bytesPerSecond = limit;
  }

  /**
   * The round trip to the server in milliseconds; 0 if it is not known. Over ssh it is never known, because the time
   * until the greeting includes the start of a program.
   */
  get roundTripMs(): number {
    const {greetedAfterMs} = this.#pool;
    return this.address.scheme === 'ssh' || !Number.isFinite(greetedAfterMs) ? 0 : greetedAfterMs;
  }

  /**
   * If the round trip is long, open the connections for downloads before they are needed. Call it after the greeting.
   */
  openAhead(): void {
    if (this.roundTripMs >= longWayMs) {
      this.#pool.openAhead(this.#connections);
    }
  }

  /** All servers of the root. The main server is `address`. */
  get servers(): ServerSet {
    return this.#pool.servers;
  }

  get link(): LinkState {
    return this.#pool.link;
  }

  /** Calls `listener` at every change of `link`. @returns a function that removes the listener. */
  onLink(listener: (link: LinkState) => void): () => void {
    return this.#pool.onLink(listener);
  }

  /**
   * Have ssh log in. ssh may ask the user at the terminal of this process for a password, a passphrase, or whether a
   * host key is right. Without this call, and after it, ssh asks no questions. Does nothing for servers without ssh.
   * With several servers, one where the login fails is left out.
   *
   * @throws JangadaError `unreachable`, `unauthorized`, `untrusted`, `aborted`; `usage` if ssh is not installed.
   */
  async login(options: CallOptions = {}): Promise<void> {
    for (const server of this.servers.all) {
      const {address} = server;
      try {
        if (address.scheme === 'ssh') {
          await this.#ssh?.login(address, {...options, mayAsk: true});
        }
      } catch (error) {
        if (!this.servers.isSeveral || options.signal?.aborted) {
          throw error;
        }

        this.servers.failed(server, error);
      }
    }
  }

  /**
   * Connect to one of the servers, whatever the state of the others. @returns the reason if that fails, as `hello`
   * throws it.
   */
  async reach(server: Address): Promise<unknown> {
    return await this.#pool.reach(this.servers.at(server));
  }

  /**
   * The server's greeting. Connects if there is no connection. The requests of `options` are sent at once.
   */
  async hello({ahead, entries, ...options}: CallOptions & AheadOptions = {}): Promise<Hello> {
    if (entries !== undefined && mayGoEarly(entries)) {
      this.#entriesAhead?.[Symbol.dispose]();
      this.#entriesAhead = undefined;
      this.#entriesAhead = await EntriesAhead.begin(this.#pool, entries, options.signal);
    }

    if (ahead !== undefined) {
      this.#headStart?.[Symbol.dispose]();
      this.#headStart = undefined;
      this.#headStart = await HeadStart.begin(this.#pool, ahead, options.signal);
    }

    return this.#pool.hello ?? (await this.withConnection(async ({hello}) => hello, options));
  }

  /**
   * Maximum number of connections that make one file faster. Over ssh each connection is a server process of its own,
   * which computes again what the others have computed. So over a short round trip one connection to each server is
   * fastest. Over a long round trip each connection helps, because ssh keeps only some megabytes in flight on each.
   */
  async usefulConnections(options: CallOptions = {}): Promise<number> {
    if (this.address.scheme !== 'ssh') {
      return Number.POSITIVE_INFINITY;
    }

    // The best of a few pings: a single ping may have met a busy machine. The round trip of a link does not change.
    for (; !(this.#roundTripMs < shortWayMs) && this.#pings < 3; this.#pings++) {
      this.#roundTripMs = Math.min(this.#roundTripMs, await this.ping(options));
    }

    return this.#roundTripMs < shortWayMs
      ? this.servers.addresses.length
      : Number.POSITIVE_INFINITY;
  }

  /** Round trip in milliseconds. */
  async ping(options: CallOptions = {}): Promise<number> {
    const startMs = performance.now();
    await this.#call('ping', {}, 'pong', options);
    return performance.now() - startMs;
  }

  /** Entries of a folder, in batches of up to 1,000, unsorted, as the server reads them. */
  list(path: RemotePath, options: CallOptions = {}): AsyncIterable<readonly Entry[]> {
    return this.#entries({name: 'list', body: {path}}, options);
  }

  /**
   * Files that match `masks` (globs; `!` excludes), as the server finds them. Names are paths relative to `path`. With
   * `folders`, matching folders too. Where the server cannot look at a place, the search continues, and at its end
   * `onUnsearched` gets those places.
   *
   * @throws JangadaError `bad_mask`, `not_found`, `not_a_folder`; `unsupported` if `folders` is set and the server
   * cannot search for folders.
   */
  find(
    masks: readonly string[],
    options: CallOptions & FindOptions = {},
  ): AsyncIterable<readonly Entry[]> {
    const {path = rootPath, signal, folders = false, onUnsearched} = options;
    const body = {masks: [...masks], path};
    const onEnd = ({unsearched}: Answers['end']) => {
      if (unsearched !== undefined) {
        onUnsearched?.(unsearched);
      }
    };
    return folders
      ? this.#entries(
          {name: 'find', body: {...body, folders}},
          {signal, onEnd, needs: 'find-folders'},
        )
      : this.#entries({name: 'find', body}, {signal, onEnd});
  }

  /** Whether `path` was requested ahead and its answer has not been taken. */
  isAhead(path: RemotePath): boolean {
    return this.#headStart?.remotePath === path;
  }

  /** The entry and the first blocks of `path`, if they were requested ahead. The caller must dispose of the result. */
  takeHeadStart(path: RemotePath): HeadStart | undefined {
    const headStart = this.#headStart;
    if (headStart?.remotePath !== path) {
      return undefined;
    }

    this.#headStart = undefined;
    return headStart;
  }

  /** @throws JangadaError `not_found`. */
  async stat(path: RemotePath, options: CallOptions = {}): Promise<StatEntry> {
    const headStart = this.#headStart;
    if (headStart?.remotePath === path) {
      try {
        return await headStart.entryUnless(options.signal);
      } catch (error) {
        this.takeHeadStart(path)?.[Symbol.dispose]();
        if (!isTransient(error)) {
          throw error;
        }
      }
    }

    return await this.#call('stat', {path}, 'entry', {...options, ofMain: true});
  }

  /** Digest of the first `length` bytes of a file (of the whole file if it is shorter), in hex. */
  async hash(
    path: RemotePath,
    options: CallOptions & {
      length?: number;
      algorithm?: HashAlgorithm;
      onProgress?: (progress: Progress) => void;
    } = {},
  ): Promise<Answers['hashed']> {
    const {length, algorithm = 'sha256'} = options;
    const body = {path, algorithm, ...(length === undefined ? {} : {length})};
    return await this.#call('hash', body, 'hashed', options);
  }

  /**
   * Digests of the blocks `from` up to but not including `to` (default: all).
   *
   * @throws JangadaError `not_found`, `not_a_file`, `changed` if the file does not have `version`.
   */
  async digests(
    path: RemotePath,
    options: CallOptions & {
      from?: number;
      to?: number;
      /** Default: SHA-256. */
      algorithm?: DigestAlgorithm;
      version?: string;
    } & DigestListener = {},
  ): Promise<Digests> {
    const {signal, onProgress, onDigests, ...range} = options;
    return await this.withConnection(
      connection => askDigests(connection, {path, ...range}, {onProgress, onDigests}),
      {signal, early: true, ofMain: true},
    );
  }

  /** The algorithm for block digests that this client prefers among those that both sides support. */
  async digestAlgorithm(options: CallOptions = {}): Promise<DigestAlgorithm> {
    const {algorithms} = await this.hello(options);
    return chooseAlgorithm(algorithms);
  }

  /**
   * Run `work` with a connection that no other call uses; the connection is given back when `work` settles. If the
   * connection is lost, `work` runs again on another one, up to `retries` times. The count starts again when
   * `progressed` reports that the last attempt gained something.
   *
   * @param options.early Whether `work` can begin before the greeting: on a new connection its requests are sent
   * directly behind the preface. If that connection cannot be used, `work` begins again.
   */
  async withConnection<Result>(
    work: (connection: Connection) => Promise<Result>,
    options: CallOptions & Choice & {progressed?: () => boolean; early?: boolean} = {},
  ): Promise<Result> {
    const {signal, progressed, early = false, ...choice} = options;
    const retries = new Retries(this.#pool, signal);
    for (;;) {
      const begin = (connection: Connection) => {
        const result = work(connection);
        // The result is awaited below. If the connection fails first, its error says why.
        result.catch(() => {});
        return result;
      };
      const ways = {signal, early, ...choice};
      const {connection, work: result} = await beginEarly(this.#pool, begin, ways);
      const loan = this.#pool.loan(connection, signal);
      let failure: unknown;
      try {
        return await result;
      } catch (error) {
        failure = error;
        if (progressed?.()) {
          retries.progressed();
        }
      } finally {
        loan.end();
      }

      await retries.after(failure);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#pool.close();
    if (this.#ownsSsh) {
      await this.#ssh?.[Symbol.asyncDispose]();
    }
  }

  #entries(request: EntriesRequest, options: StreamOptions): AsyncIterable<readonly Entry[]> {
    const ahead = this.#entriesAhead?.answers(request) ? this.#entriesAhead : undefined;
    if (ahead !== undefined) {
      this.#entriesAhead = undefined;
    }

    return streamEntries(this.#pool, request, {...options, ahead});
  }

  /** Sends a request whose answer is one frame; see `ask`. */
  async #call<Name extends RequestName, Last extends LastFrame>(
    name: Name,
    body: Requests[Name],
    last: Last,
    options: CallOptions & AskOptions & Choice,
  ): Promise<Answers[Last]> {
    return await this.withConnection(connection => ask(connection, name, body, last, options), {
      ...options,
      early: true,
    });
  }
}
