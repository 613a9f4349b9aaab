/** What answers clients, wherever their connections come from: a store, its indexes, and the connections. */
import {availableParallelism} from 'node:os';
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
import type {Services} from './operations/exchange.ts';
import {Readiness} from './readiness.ts';
import {FolderStore} from './store/folder/folder-store.ts';
import type {Store} from './store/store.ts';
import {type Deadlines, defaultDeadlines} from './waiting/deadlines.ts';

export type ServingOptions = ConnectionLimits & {
  /** The folder to serve, by its path; or a store, which is not closed with the server. */
  root: string | Store;
  /** Threads that hash files of a folder; the number of cores without it. */
  workers?: number;
  /** What clients have to pass first; without it, nothing. */
  door?: Door;
  /** Where digests outlive the server, which closes it; without it, where the store says, or in memory alone. */
  shelf?: DigestShelf | undefined;
  /** Any that are not the usual ones. */
  deadlines?: Partial<Deadlines>;
};

/** For the last frame of an answer that is broken off, and the good-bye behind it. */
const lastWordsMs = 2000;

export class Serving {
  readonly #connections: Connections;
  readonly #digests: DigestIndex;
  readonly #folders: TokenFolders;
  readonly #readiness: Readiness;
  readonly #store: Store;
  readonly #ownsStore: boolean;
  #closing: Promise<void> | undefined;

  /**
   * @param means those that are not this process's alone; without them, they are.
   * @throws JangadaError `not_found`, `not_a_folder` or `forbidden` for the root.
   */
  constructor(options: ServingOptions, logger: Logger, means?: Means) {
    const {door = {}, root} = options;
    const deadlines = {...defaultDeadlines, ...options.deadlines};
    const allMeans = means ?? ownMeans({...options, giveWayMs: deadlines.giveWayMs}, logger);
    const open = (path: string, below: string) =>
      openFolder(path, {...options, below, deadlines}, allMeans, logger);
    this.#ownsStore = typeof root === 'string';
    this.#store = typeof root === 'string' ? open(root, '') : root;
    this.#folders = new TokenFolders(this.#store, open);
    const {shelf = this.#store.shelf} = options;
    this.#digests = new DigestIndex(
      shelf && {shelf: new PatientShelf(shelf, logger, deadlines.shelfMs)},
    );
    this.#readiness = new Readiness(this.#store, deadlines.lookMs);
    const services: Services = {
      store: this.#store,
      digests: this.#digests,
      hashes: new HashIndex(),
      deadlines,
    };
    this.#connections = new Connections(
      options,
      {
        ...{door, means: allMeans, readiness: this.#readiness, services},
        storeFor: folder => this.#folders.storeFor(folder),
      },
      logger,
    );
  }

  /** The store's name for people. */
  get name(): string {
    return this.#store.name;
  }

  /** @param address the address of the client. Default: as the socket, or a trusted balancer, says. */
  add(socket: ClientSocket, address?: string): void {
    this.#connections.add(socket, address);
  }

  /** From now on balancers are told to send clients elsewhere. */
  drain(): void {
    this.#readiness.drain();
  }

  /** Give answers under way `graceMs` to finish, break off those that have not, and end. */
  close(graceMs: number): Promise<void> {
    this.#closing ??= this.#close(graceMs);
    return this.#closing;
  }

  async #close(graceMs: number): Promise<void> {
    this.drain();
    this.#connections.drain();
    const timers = [
      setTimeout(() => this.#connections.breakOff(), graceMs),
      setTimeout(() => this.#connections.destroy(), graceMs === 0 ? 0 : graceMs + lastWordsMs),
    ];
    await this.#connections.close();
    for (const timer of timers) {
      clearTimeout(timer);
    }

    await this.#folders.close();
    await this.#digests.close();
    if (this.#ownsStore) {
      await this.#store.close();
    }
  }
}

type FolderOptions = {below: string; deadlines: Deadlines; workers?: number};

function openFolder(
  path: string,
  {below, deadlines, workers = availableParallelism()}: FolderOptions,
  {longWork, processes}: Means,
  logger: Logger,
): Store {
  return new FolderStore(path, {
    below,
    hashThreads: Math.ceil(workers / processes),
    maskMs: deadlines.maskMs,
    longWork,
    onSlow: ms =>
      logger.warn({ms: Math.round(ms)}, 'the disk is slow: threads read it for a while'),
  });
}
