/**
 * Typed calls to one server. Each call has a connection for itself while it lasts; stopping a
 * call closes that connection, which is how the protocol cancels. A call that finds its
 * connection lost before anything of the answer was used is made again.
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
import type {ClientOptions, FindOptions} from './client-options.ts';
import {CompressionChoice} from './connection/compression/compression-choice.ts';
import type {Connection} from './connection/connection.ts';
import type {Trust} from './connection/identity.ts';
import {RateLimiter} from './connection/rate-limiter.ts';
import {Ssh} from './connection/ways/ssh/ssh.ts';
import {HeadStart} from './head-start.ts';
import type {LinkState} from './link.ts';
import {Pool} from './pool.ts';
import {Retries} from './retries.ts';
import type {Choice, ServerSet} from './servers/server-set.ts';
import {streamEntries} from './stream-entries.ts';

export type {CallOptions, Progress, StatEntry} from './ask.ts';
export type {Digests} from './ask-digests.ts';
export type {ClientOptions, FindOptions} from './client-options.ts';
export type {LinkState} from './link.ts';

/** A round trip from which on connections are opened before they are needed, in milliseconds. */
const longWayMs = 20;

/** A round trip below which ssh has enough under way on one connection for 100 MB a second, in milliseconds. */
const shortWayMs = 20;

/** Downloads may hold all that was asked for; a folder can still be opened meanwhile. */
const spareConnections = 2;

export class Client implements AsyncDisposable {
  readonly address: Address;
  readonly trust: Trust | undefined;
  /** Whether blocks are asked for compressed. */
  readonly compression: CompressionChoice;
  readonly #pool: Pool;
  readonly #ssh: Ssh | undefined;
  readonly #ownsSsh: boolean;
  readonly #limiter: RateLimiter;
  #connections: number;
  /** The shortest that was seen, of a few pings. */
  #roundTripMs = Number.POSITIVE_INFINITY;
  #pings = 0;
  #headStart: HeadStart | undefined;

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

  /** Connections at once, at most, besides two for short calls. May change while it is used. */
  get connections(): number {
    return this.#connections;
  }

  /** Fewer than are in use: those under way go on, and are closed when they are done. */
  set connections(count: number) {
    this.#connections = count;
    this.#pool.size = count + spareConnections;
  }

  /** Bytes a second that are received in all; undefined: no limit. May change while it is used. */
  get bytesPerSecond(): number | undefined {
    return this.#limiter.bytesPerSecond;
  }

  /** Changes the limiter, and so the limit of every client that shares it. */
  set bytesPerSecond(limit: number | undefined) {
    this.#limiter.bytesPerSecond = limit;
  }

  /**
   * A round trip to the server as far as it is known, in milliseconds; 0: nothing is known. Over ssh it is not: a program
   * is started there before it greets.
   */
  get roundTripMs(): number {
    const {greetedAfterMs} = this.#pool;
    return this.address.scheme === 'ssh' || !Number.isFinite(greetedAfterMs) ? 0 : greetedAfterMs;
  }

  /** On a long way, open the connections for downloads before they are needed. To be called once the server has greeted. */
  openAhead(): void {
    if (this.roundTripMs >= longWayMs) {
      this.#pool.openAhead(this.#connections);
    }
  }

  /** Of one root; its own is the main one. */
  get servers(): ServerSet {
    return this.#pool.servers;
  }

  get link(): LinkState {
    return this.#pool.link;
  }

  /** Tells of every change of `link`. @returns a function that ends it. */
  onLink(listener: (link: LinkState) => void): () => void {
    return this.#pool.onLink(listener);
  }

  /**
   * Have ssh log in, which may ask the user at the terminal of this process for a password, a passphrase, or
   * whether a host is the right one. Without this call, and later, it asks nobody. Does nothing for other servers. Of
   * several, one where that fails is left out.
   *
   * @throws JangadaError `unreachable`, `unauthorized`, `untrusted`, `aborted`; `usage` if there is no ssh.
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

  /** Make a connection to one of its servers, whatever the others do. @returns why there is none, as `hello` throws it. */
  async reach(server: Address): Promise<unknown> {
    return await this.#pool.reach(this.servers.at(server));
  }

  /**
   * The server's greeting; connects if need be.
   *
   * @param options.ahead A file to ask for at once: `stat`, and a download of it, use the answer.
   */
  async hello({ahead, ...options}: CallOptions & {ahead?: RemotePath} = {}): Promise<Hello> {
    if (ahead !== undefined) {
      this.#headStart?.[Symbol.dispose]();
      this.#headStart = undefined;
      this.#headStart = await HeadStart.begin(this.#pool, ahead, options.signal);
    }

    return this.#pool.hello ?? (await this.withConnection(async ({hello}) => hello, options));
  }

  /**
   * Connections that one file gains from, at most. Over ssh each of them is a process there, which computes what
   * the others know already: on a short way one to each server is the fastest. On a long one each helps, as ssh has no more
   * than some megabytes under way for each.
   */
  async usefulConnections(options: CallOptions = {}): Promise<number> {
    if (this.address.scheme !== 'ssh') {
      return Number.POSITIVE_INFINITY;
    }

    // The best of a few: a single one may have found a machine busy. A way stays as long as it is.
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

  /**
   * Entries of a folder, in batches of up to 1,000 as the server reads them, in no order.
   *
   * @throws JangadaError `not_found`, `not_a_folder`, `forbidden`.
   */
  list(path: RemotePath, options: CallOptions = {}): AsyncIterable<readonly Entry[]> {
    return streamEntries(this.#pool, 'list', {path}, options);
  }

  /**
   * Files that match `masks` (globs; `!` excludes), as they are found; names are paths under `path`.
   * With `folders`, folders that match as well. A search goes on where the server cannot look at
   * a place: `onUnsearched` is told of those at the end, if there are any.
   *
   * @throws JangadaError `bad_mask`, `not_found`, `not_a_folder`; `unsupported` if folders are asked
   * of a server that cannot search for them.
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
      ? streamEntries(
          this.#pool,
          'find',
          {...body, folders},
          {signal, onEnd, needs: 'find-folders'},
        )
      : streamEntries(this.#pool, 'find', body, {signal, onEnd});
  }

  /** Whether `path` was asked for ahead, and nobody has taken the answer. */
  isAhead(path: RemotePath): boolean {
    return this.#headStart?.remotePath === path;
  }

  /** The entry and the first blocks of `path`, if they were asked for ahead; from then on the caller's to end. */
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

  /**
   * Digest of the first `length` bytes of a file (all, if it is shorter), in hex.
   *
   * @throws JangadaError `not_found`, `not_a_file`.
   */
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
   * @throws JangadaError `not_found`, `not_a_file`, `changed` if it is not `version`.
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

  /** The algorithm for block digests that both sides can compute and this side prefers. */
  async digestAlgorithm(options: CallOptions = {}): Promise<DigestAlgorithm> {
    const {algorithms} = await this.hello(options);
    return chooseAlgorithm(algorithms);
  }

  /**
   * Work on a connection of one's own; it goes back when `work` settles. Work that fails because
   * the connection was lost is done again on another, as often as `retries` says, counted anew
   * whenever `progressed` says that the last attempt brought something.
   *
   * @param options.early Whether `work` needs no greeting: on a connection that has to be opened it begins at once,
   * and its requests leave behind the preface. Where that comes to nothing it begins again.
   */
  async withConnection<Result>(
    work: (connection: Connection) => Promise<Result>,
    options: CallOptions & Choice & {progressed?: () => boolean; early?: boolean} = {},
  ): Promise<Result> {
    const {signal} = options;
    const retries = new Retries(this.#pool, signal);
    for (;;) {
      let begun: {connection: Connection; result: Promise<Result>} | undefined;
      const begin = (connection: Connection) => {
        const result = work(connection);
        // It is awaited below, or the connection that fails with it says why.
        result.catch(() => {});
        begun = {connection, result};
        return begun;
      };
      const loan = await this.#pool.lend(signal, options.early ? begin : undefined, options);
      const {connection} = loan;
      let failure: unknown;
      try {
        return await (begun?.connection === connection ? begun : begin(connection)).result;
      } catch (error) {
        failure = error;
        if (options.progressed?.()) {
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

  /** A request whose answer is one frame; see `ask`. */
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
