/** The part of a server that answers clients: a store, its indexes, and the connections. Any port can feed it. */
import type {Logger} from 'pino';
import type {ClientSocket} from './connection/client-socket.ts';
import {type ConnectionLimits, Connections} from './connection/connections.ts';
import {type Means, ownMeans} from './connection/means.ts';
import type {Door} from './doors/door.ts';
import {TokenFolders} from './doors/token-folders.ts';
import {DigestIndex} from './indexes/digest-index.ts';
import type {DigestShelf} from './indexes/digest-shelf.ts';
import {HashIndex} from './indexes/hash-index.ts';
import {PatientShelf} from './indexes/patient-shelf.ts';
import {countTurns} from './metrics/count-turns.ts';
import {type Counts, noCounts} from './metrics/counts.ts';
import type {Services} from './operations/exchange.ts';
import {Readiness} from './readiness.ts';
import {openRoot, type RootOptions, type ServedRoot} from './roots/open-root.ts';
import {type Deadlines, defaultDeadlines} from './waiting/deadlines.ts';

export type ServingOptions = ConnectionLimits &
  RootOptions & {
    /** The TLS and tokens that clients need. Default: none. */
    door?: Door;
    /** Keeps digests after the server ends; the server closes it. Default: the shelf of the store, or memory only. */
    shelf?: DigestShelf | undefined;
    /** The counters for metrics. Default: counters that nobody reads. */
    counts?: Counts;
    /** Deadlines that differ from the defaults. */
    deadlines?: Partial<Deadlines>;
  };

/** Time to send the last frame of an interrupted answer, and the good-bye after it. */
const lastWordsMs = 2000;

export class Serving {
  readonly #connections: Connections;
  readonly #digests: DigestIndex;
  readonly #folders: TokenFolders;
  readonly #readiness: Readiness;
  readonly #root: ServedRoot;
  #closing: Promise<void> | undefined;

  /**
   * @param means the limits and places that several processes share. Default: this process has its own.
   * @throws JangadaError `not_found`, `not_a_folder` or `forbidden` for the root.
   */
  constructor(options: ServingOptions, logger: Logger, means?: Means) {
    const {counts = noCounts(), door = {}} = options;
    const deadlines = {...defaultDeadlines, ...options.deadlines};
    const allMeans = means ?? ownMeans({...options, giveWayMs: deadlines.giveWayMs}, logger);
    this.#root = openRoot(options, {
      longWork: {
        hashJobs: countTurns(allMeans.longWork.hashJobs, counts.jobs.hash),
        searches: countTurns(allMeans.longWork.searches, counts.jobs.search),
      },
      ...{processes: allMeans.processes, maskMs: deadlines.maskMs, counts, logger},
    });
    const {store} = this.#root;
    this.#folders = new TokenFolders(this.#root);
    const {shelf = store.shelf} = options;
    this.#digests = new DigestIndex(
      shelf && {shelf: new PatientShelf(shelf, logger, deadlines.shelfMs)},
    );
    this.#readiness = new Readiness(store, deadlines.lookMs);
    const services: Services = {
      store,
      digests: this.#digests,
      hashes: new HashIndex(),
      deadlines,
      counts,
    };
    this.#connections = new Connections(
      options,
      {
        ...{door, means: allMeans, readiness: this.#readiness, services},
        folders: this.#folders,
      },
      logger,
    );
  }

  /** The store's name for people. */
  get name(): string {
    return this.#root.store.name;
  }

  /** Check before the first connection that the server can read the root. @throws JangadaError with the reason. */
  async check(): Promise<void> {
    await this.#root.check();
  }

  /** @param address the address of the client. Default: the one of the socket, or the one that a trusted balancer names. */
  add(socket: ClientSocket, address?: string): void {
    this.#connections.add(socket, address);
  }

  /** From now on, tell balancers to send clients elsewhere. */
  drain(): void {
    this.#readiness.drain();
  }

  /** Give running answers `graceMs` to finish, break off the others, and end. Without clients it ends at once. */
  close(graceMs: number): Promise<void> {
    this.#closing ??= this.#close(graceMs);
    return this.#closing;
  }

  async #close(graceMs: number): Promise<void> {
    this.drain();
    this.#connections.drain();
    const timers = [
      setTimeout(() => this.#connections.breakOff(), graceMs),
      setTimeout(() => this.#connections.destroy(), graceMs + lastWordsMs),
    ];
    await this.#connections.close();
    for (const timer of timers) {
      clearTimeout(timer);
    }

    await this.#folders.close();
    await this.#digests.close();
    await this.#root.close();
  }
}
