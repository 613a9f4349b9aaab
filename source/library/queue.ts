/** The queue of the library: transfers of one server, in order, with as many at once as its limits allow. */
import {join, resolve} from 'node:path';
import {parseAddress} from '../../protocol/address.ts';
import {aborted} from '../../protocol/errors.ts';
import {joinRemotePath, type RemotePath, rootPath} from '../../protocol/remote-path.ts';
import {type CallOptions, Client} from '../client/client.ts';
import {openQueueStore} from '../transfers/database/open-queue-store.ts';
import {QueueStore} from '../transfers/database/queue-store.ts';
import type {MadeFolder} from '../transfers/disk/folders/folder-maker.ts';
import {
  type ConflictPolicy,
  type Limits,
  type Priority,
  type QueueSnapshot,
  type QueueTotals,
  type TransferSnapshot,
  Queue as WorkingQueue,
} from '../transfers/queue/queue.ts';
import {type ExpectedContent, parseExpectedContent} from '../transfers/terms/expected-content.ts';
import {checkLimits, connectionsOf} from '../transfers/terms/limits.ts';
import {withReason} from './abort-reason.ts';
import {type AddedFiles, addMatching, type MatchOptions} from './add-matching.ts';
import {rememberLimits} from './former-limits.ts';
import {queueEvents} from './queue-events.ts';
import type {QueueEvent} from './queue-news.ts';
import {ownClient, type Server} from './reach.ts';

export type QueueOptions = {
  /** The server. Paths are relative to the folder of an address, and to the root of a client's server. */
  server: Server;
  /**
   * A folder in which the queue is kept, made if it is missing. The next queue with this server and folder continues
   * it; a second process that opens it meanwhile shows and steers it. Default: the queue ends with the process.
   */
  stateFolder?: string | undefined;
  /** Files at once; small files that are fetched together count as one. 1 to 16. Default: 4. */
  files?: number | undefined;
  /** Connections that one large file may use. 1 to 16. Default: 4. */
  connections?: number | undefined;
  /** Limit for all received bytes. Default: no limit. */
  bytesPerSecond?: number | undefined;
  /**
   * Whether to compute the SHA-256 of each file while it arrives: `sha256` in the state of a done transfer. Default:
   * false.
   */
  checksums?: boolean | undefined;
};

export type NewTransfer = {
  /** The file on the server. */
  remotePath: string;
  /** The folder to save in, as the user calls it. It is made if it is missing, and nothing is saved outside of it. */
  folder: string;
  /**
   * Path of the final name below the folder, with `/`. Names that this disk cannot hold are changed. Default:
   * `remotePath`.
   */
  localPath?: string | undefined;
  /** Bytes, if known from a listing: small files then travel together. */
  size?: number | undefined;
  /** What to do about a file that has the final name. Default: `resume`, which keeps its equal blocks. */
  onConflict?: ConflictPolicy | undefined;
  /** An unfinished file of another tool: it becomes the partial, and is continued. */
  from?: string | undefined;
  /** A file that may share blocks with the remote one: equal blocks are copied. */
  seed?: string | undefined;
  /** `sha256:HEX` or `root:ALGORITHM:HEX`: the expected content. A queue that is kept refuses it. */
  expect?: string | ExpectedContent | undefined;
  /** Default: `normal`. */
  priority?: Priority | undefined;
};

export class Queue implements AsyncDisposable {
  readonly #client: Client;
  readonly #isOwnClient: boolean;
  /** The caller's client gets the limits back that it had before, as far as this queue has changed them. */
  readonly #giveBackLimits: () => void;
  readonly #base: RemotePath;
  readonly #store: QueueStore | undefined;
  readonly #queue: WorkingQueue;
  /** Aborted, with the reason, when the server is gone for good. */
  readonly #lost = new AbortController();
  readonly #closed = new AbortController();
  /** The id of the first transfer that was added here. */
  #firstId = Number.POSITIVE_INFINITY;

  /** @throws JangadaError `usage`; `local_io` or `unsafe_target` if the folder for the queue cannot be written. */
  constructor({server, stateFolder, files, connections, bytesPerSecond, checksums}: QueueOptions) {
    checkLimits({
      ...(files === undefined ? {} : {files}),
      ...(connections === undefined ? {} : {connectionsPerFile: connections}),
      bytesPerSecond,
    });
    this.#isOwnClient = !(server instanceof Client);
    const address =
      server instanceof Client ? {...server.address, path: rootPath} : parseAddress(server);
    this.#base = address.path;
    this.#client = server instanceof Client ? server : ownClient(address);
    // Only the locks of the user's queue are used, to keep other programs away from the same paths; its rows stay
    // unchanged.
    this.#store =
      stateFolder === undefined
        ? openQueueStore(process.env).store
        : new QueueStore(join(resolve(stateFolder), 'queue.db'));
    // Not before the store is open: a queue that is never made must not change the caller's client.
    this.#giveBackLimits = rememberLimits(this.#client, () => ({
      connections: connectionsOf(this.limits),
      bytesPerSecond: this.limits.bytesPerSecond,
    }));
    if (bytesPerSecond !== undefined) {
      this.#client.bytesPerSecond = bytesPerSecond;
    }

    this.#queue = new WorkingQueue({
      ...{client: this.#client, files, connections, checksums},
      ...(stateFolder === undefined ? {locks: this.#store} : {store: this.#store}),
      onLost: error => this.#lost.abort(error),
    });
    if (this.#isOwnClient) {
      this.#client.connections = connectionsOf(this.limits);
    }
  }

  /** Whether the queue is kept on disk, to be continued later. */
  get isKept(): boolean {
    return this.#queue.isKept;
  }

  /** How much is done at once, and how fast. New limits count at once, also while the queue works. */
  get limits(): Limits {
    return this.#queue.limits;
  }

  /** @throws JangadaError `usage` for an invalid limit. */
  set limits(limits: Limits) {
    this.#queue.limits = limits;
  }

  /**
   * Put transfers at the end of those of their priority.
   *
   * @returns their ids, in the same order.
   * @throws JangadaError `bad_request` for a path that leads out of the root, `usage` for an invalid expected content,
   * `unsupported` for an expected content in a queue that is kept, `local_io` if the queue cannot be written: then
   * nothing is added.
   */
  add(transfers: readonly NewTransfer[]): number[] {
    return this.#add(
      transfers.map(transfer => {
        const {remotePath, localPath = remotePath, onConflict = 'resume', expect} = transfer;
        return {
          ...transfer,
          ...{remotePath: joinRemotePath(this.#base, remotePath), localPath, onConflict},
          expect: typeof expect === 'string' ? parseExpectedContent(expect) : expect,
        };
      }),
    );
  }

  /**
   * Put the files that masks match into the queue while the server finds them. Invalid names from the server, and names
   * that cannot be saved beside the others, are refused, and the others go on.
   *
   * @param masks globs, `!` before one excludes: `['fotos/**', '!**\/*.tmp']`.
   * @throws JangadaError `bad_mask`, `not_found` and `not_a_folder` for the searched folder, `aborted`, any error of
   * the connection. Files that were added before stay in the queue.
   */
  async addMatching(masks: readonly string[], options: MatchOptions): Promise<AddedFiles> {
    return await withReason(options.signal, () =>
      addMatching(this.#client, masks, this.#base, options, found => this.#add(found)),
    );
  }

  /** Numbers and bytes of all transfers, by state; the same object until something changes. */
  totals(): QueueTotals {
    return this.#queue.totals();
  }

  /** All transfers in queue order, with the totals; the same object until something changes. */
  snapshot(): QueueSnapshot {
    return this.#queue.snapshot();
  }

  /**
   * Transfers in queue order, from index `from` up to but not including `to`: for a long queue of which some rows are
   * shown.
   */
  slice(from: number, to?: number): TransferSnapshot[] {
    return this.#queue.slice(from, to);
  }

  /** One transfer in its present state; undefined if it was cleared. */
  transfer(id: number): TransferSnapshot | undefined {
    return this.#queue.transfer(id);
  }

  /**
   * Events from now on: each transfer first with `added`, also those that are in the queue already. They end when the
   * queue is closed; a reader that wants to leave when all is done leaves at `idle`. Several readers get the same
   * events.
   *
   * @throws JangadaError as `idle`.
   */
  events({signal}: CallOptions = {}): AsyncGenerator<QueueEvent, void> {
    const notice = this.isKept ? this.#store?.notice : undefined;
    return queueEvents(this.#queue, {
      isNew: id => id >= this.#firstId,
      notices: notice === undefined ? [] : [notice],
      ...{signal, lost: this.#lost.signal, closed: this.#closed.signal},
    });
  }

  /**
   * Resolves when nothing is queued or running. Transfers that failed, that a user has paused, or that wait for room on
   * the disk are neither: their states say so.
   *
   * @throws JangadaError `unreachable`, `connection_lost`, `unauthorized` or `untrusted` when the server is gone for
   * good: transfers stay in line, for another queue. `aborted`, also when the queue is closed first.
   */
  async idle({signal}: CallOptions = {}): Promise<void> {
    const {signal: lost} = this.#lost;
    const {signal: closed} = this.#closed;
    lost.throwIfAborted();
    if (closed.aborted && !this.#queue.isIdle) {
      throw aborted('The queue was closed before its work was done');
    }

    const ends = [lost, closed, ...(signal === undefined ? [] : [signal])];
    try {
      await this.#queue.idle({signal: AbortSignal.any(ends)});
    } catch (error) {
      lost.throwIfAborted();
      throw error;
    }
  }

  pause(id: number): void {
    this.#queue.pause(id);
  }

  /** Put a paused transfer back in line. */
  resume(id: number): void {
    this.#queue.resume(id);
  }

  /** Put failed or canceled transfers back in line. */
  retry(...ids: readonly number[]): void {
    this.#queue.retry(...ids);
    // Readers of events must see that they go on, even if they end at once.
    this.#queue.flush();
  }

  /** Put all that failed back in line. @returns how many. */
  retryFailed(): number {
    const count = this.#queue.retryFailed();
    this.#queue.flush();
    return count;
  }

  /** Stop a transfer for good; `deletePartial` also removes the bytes fetched so far. */
  cancel(id: number, options: {deletePartial?: boolean} = {}): void {
    this.#queue.cancel(id, options);
  }

  /**
   * Move a transfer by so many places among those of the same priority; negative: towards the front.
   *
   * @returns whether there was room.
   */
  move(id: number, by: number): boolean {
    return this.#queue.move(id, by);
  }

  /** Set the priority of a transfer; one that runs already is not stopped for another. */
  setPriority(id: number, priority: Priority): void {
    this.#queue.setPriority(id, priority);
  }

  /** Forget transfers that are done or canceled. @returns the ids that `restore` can bring back. */
  clearSettled(): number[] {
    return this.#queue.clearSettled();
  }

  /** Bring back transfers that were cleared. @returns the ids of those that come back. */
  restore(ids: readonly number[]): readonly number[] {
    return this.#queue.restore(ids);
  }

  /**
   * Make the folder at `localPath`, a path with `/` below `folder`, at once, even if it stays empty.
   *
   * @throws JangadaError `unsafe_target` where a part of it is a link or a file, `local_io`, `no_space`.
   */
  makeFolder(folder: string, localPath: string): MadeFolder {
    return this.#queue.makeFolder(folder, localPath);
  }

  /** Resolves when the folders that were made are flushed to the disk. @throws JangadaError `local_io`. */
  async flushFolders(): Promise<void> {
    await this.#queue.flushFolders();
  }

  /**
   * Start nothing more, and wait for the blocks that are arriving, so that closing throws no half block away.
   *
   * @param withinMs Default: 3 s.
   */
  async finishInHand(withinMs?: number): Promise<void> {
    await this.#queue.finishInHand(withinMs);
  }

  /** Stop what runs, and close the queue; partials stay, and so does a queue that is kept. */
  async [Symbol.asyncDispose](): Promise<void> {
    // Readers get the events that wait, and then end: the remaining work will not end.
    this.#queue.flush();
    this.#closed.abort();
    try {
      await this.#queue[Symbol.asyncDispose]();
    } finally {
      this.#store?.[Symbol.dispose]();
      if (this.#isOwnClient) {
        await this.#client[Symbol.asyncDispose]();
      } else {
        this.#giveBackLimits();
      }
    }
  }

  #add(transfers: Parameters<WorkingQueue['add']>[0]): number[] {
    const ids = this.#queue.add(transfers);
    this.#firstId = Math.min(this.#firstId, ids[0] ?? this.#firstId);
    return ids;
  }
}
