/**
 * Fetches the needed blocks of a plan into a partial. Lanes take blocks in order; each block is checked and then
 * written. A lane that loses its connection continues over another one, and gives the blocks that it has requested back
 * to the plan. If there are several servers, the lanes are shared among them; a server that is unfit for the file gets
 * none.
 */
import {blockSize} from '../../../protocol/block.ts';
import {aborted, isTransient, type JangadaError} from '../../../protocol/errors.ts';
import type {Client} from '../../client/client.ts';
import type {Connection} from '../../client/connection/connection.ts';
import type {ReceiveBuffers} from '../../client/connection/receive-buffers.ts';
import {ServerLeaving} from '../../client/connection/server-leaving.ts';
import type {HeadStart} from '../../client/early/head-start.ts';
import type {DownloadEvent} from '../terms/download-event.ts';
import type {Ending} from './ending.ts';
import {runLane} from './lane.ts';
import {Pace} from './pace.ts';
import {PartialWrites} from './partial-writes.ts';
import type {BlockJob} from './remote-blocks.ts';
import type {BlockSources} from './servers/block-sources.ts';
import {LastSpans} from './servers/last-spans.ts';
import type {UnfitServers} from './servers/unfit-servers.ts';

type BlockFetchTools = {
  client: Client;
  blocks: ReceiveBuffers;
  ending: Ending;
  unfit: UnfitServers;
  sources: BlockSources;
};

export class BlockFetch {
  readonly #job: BlockJob;
  readonly #tools: BlockFetchTools;
  readonly #tell: (event: DownloadEvent) => void;
  readonly #writes: PartialWrites;
  readonly #stop = new AbortController();
  /** The signal of the run, once it has begun. It is also aborted when a lane fails. */
  #signal: AbortSignal | undefined;
  readonly #finished = Promise.withResolvers<void>();
  /** Lanes without pending requests that wait for a connection. Aborting a controller ends its lane. */
  readonly #waiting = new Set<AbortController>();
  /** Lanes with pending requests, and their connections, which may not have been greeted yet. */
  readonly #asking = new Map<AbortController, Connection>();
  readonly #lastSpans = new LastSpans(connection => this.#overtake(connection));
  readonly #overtaken = new Set<Connection>();
  #lanes = 1;
  // Maximum number of lanes, once it is known how many the server or the link bears. A failure to open one more must
  // not stop the others.
  #most = Number.POSITIVE_INFINITY;
  #running = 0;
  /** The first blocks of a file without a partial, which are already on their way. */
  #headStart: HeadStart | undefined;
  #failure: unknown;
  #root: string | undefined;

  constructor(
    job: BlockJob,
    tools: BlockFetchTools,
    tell: (event: DownloadEvent) => void,
    headStart?: HeadStart,
  ) {
    this.#headStart = headStart;
    this.#job = job;
    this.#tools = tools;
    this.#tell = tell;
    this.#writes = new PartialWrites(job.partial, error => this.#fail(error));
  }

  /** Number of connections to use at once. May change during the run. */
  set lanes(count: number) {
    this.#lanes = count;
    this.#start();
  }

  /**
   * Run lanes until every block is done or, if the download has to end, until the blocks in hand are done.
   *
   * @returns the root digest in hex, if the server has sent it.
   * @throws JangadaError. After that, nothing uses the partial any more.
   */
  async run(signal: AbortSignal): Promise<string | undefined> {
    const forget = this.#tools.ending.onBegin(() => this.#end());
    try {
      const stop = AbortSignal.any([signal, this.#stop.signal]);
      this.#most = await this.#tools.client.usefulConnections({signal: stop});
      this.#signal = stop;
      this.#start();
      if (this.#running === 0) {
        // The download has to end before any lane has started.
        this.#finished.resolve();
      }

      await this.#finished.promise;
      await this.#writes.settled();
    } finally {
      this.#lastSpans[Symbol.dispose]();
      forget();
    }

    const ends = this.#tools.ending.begun && !this.#job.plan.complete;
    if (signal.aborted || (ends && (this.#failure === undefined || isTransient(this.#failure)))) {
      throw aborted();
    }

    if (this.#failure !== undefined) {
      throw this.#failure;
    }

    return this.#root;
  }

  #start(): void {
    const signal = this.#signal;
    while (
      signal !== undefined &&
      this.#running < Math.min(this.#lanes, this.#most) &&
      this.#failure === undefined &&
      this.#job.plan.hasNeeded &&
      !this.#tools.ending.begun
    ) {
      this.#running++;
      this.#lane(signal)
        .catch((error: unknown) => this.#fail(error))
        .finally(() => this.#laneEnded());
    }
  }

  async #lane(signal: AbortSignal): Promise<void> {
    const {plan} = this.#job;
    const headStart = this.#headStart;
    this.#headStart = undefined;
    if (headStart !== undefined && (await this.#fetchAhead(headStart, signal))) {
      return;
    }

    const {client, unfit} = this.#tools;
    let before = plan.doneBytes;
    const unneeded = new AbortController();
    let atWork: unknown;
    let isAtOther = false;
    let otherwise: JangadaError | undefined;
    this.#waiting.add(unneeded);
    try {
      await client.withConnection(
        async connection => {
          this.#waiting.delete(unneeded);
          this.#asking.set(unneeded, connection);
          this.#tell({type: 'download'});
          try {
            await this.#fetchOver(connection);
          } catch (error) {
            atWork = isGreeted(connection) ? error : undefined;
            isAtOther = this.#goesOnElsewhere(connection, error);
            this.#waiting.add(unneeded);
            if (this.#tools.ending.begun) {
              unneeded.abort();
            }

            this.#tellLost(error);
            throw error;
          } finally {
            this.#asking.delete(unneeded);
          }

          if (!isGreeted(connection)) {
            // The lane would wait for a greeting that nobody needs any more.
            this.#waiting.add(unneeded);
            this.#endUnneeded();
          }
        },
        {
          signal: AbortSignal.any([signal, unneeded.signal]),
          early: true,
          isShare: true,
          without: unfit,
          otherwise() {
            otherwise = unfit.noOther();
            return otherwise;
          },
          progressed: () => {
            const more = plan.doneBytes > before;
            before = plan.doneBytes;
            return more;
          },
        },
      );
    } catch (error) {
      if (isAtOther || (unneeded.signal.aborted && !signal.aborted)) {
        return;
      }

      this.#waiting.add(unneeded);
      if (this.#nothingLeft && error !== atWork) {
        // A connection that is no longer needed could not be opened.
        return;
      }

      // The lanes that still run can finish without this one.
      if (!(isTransient(error) || error === otherwise) || this.#running === 1) {
        throw error;
      }

      this.#most = this.#running - 1;
    } finally {
      this.#waiting.delete(unneeded);
    }
  }

  /** Fetch over the connection of the head start. @returns whether the lane has nothing left to do. */
  async #fetchAhead(headStart: HeadStart, signal: AbortSignal): Promise<boolean> {
    const {connection} = headStart;
    const onAbort = () => connection.close();
    signal.addEventListener('abort', onAbort, {once: true});
    try {
      this.#tell({type: 'download'});
      await this.#fetchOver(connection, headStart);
      return true;
    } catch (error) {
      const isOver = signal.aborted || this.#tools.ending.begun;
      if (isOver || !(isTransient(error) || this.#goesOnElsewhere(connection, error))) {
        throw error;
      }

      this.#tellLost(error);
      return false;
    } finally {
      signal.removeEventListener('abort', onAbort);
      headStart[Symbol.dispose]();
    }
  }

  /** A server that stops has said so: the lane continues over another connection, and the user need not know. */
  #tellLost(error: unknown): void {
    if (!(error instanceof ServerLeaving)) {
      this.#tell({type: 'lost'});
    }
  }

  async #fetchOver(connection: Connection, headStart?: HeadStart): Promise<void> {
    const {plan, progress} = this.#job;
    const {blocks, client, sources, unfit} = this.#tools;
    const {address} = connection;
    const pace = new Pace(connection.bytesPerSecond, undefined, client.roundTripMs);
    using _due = client.compression.rate.due();
    using _lane = this.#lastSpans.lane(connection, pace);
    await runLane(connection, {
      ...this.#job,
      ...this.#tools,
      pace,
      headStart,
      compression: client.compression,
      roundTripMs: client.roundTripMs,
      wanted: () =>
        this.#failure === undefined &&
        this.#running <= this.#lanes &&
        !unfit.has(address) &&
        !client.servers.beginsToMove(connection, unfit),
      onRoot: root => {
        // Only the main server's root counts: another server may have sent a part of the file only.
        if (address === client.address) {
          this.#root = root;
        }
      },
      onBlock: (index, digest, memory, length) => {
        this.#writes
          .add(memory, length, index * blockSize)
          .then(
            () => {
              plan.markDone(index, digest);
              sources.set(index, address);
              progress.verified(length);
            },
            (error: unknown) => this.#fail(error),
          )
          .finally(() => blocks.give(memory));
      },
    });
    if (!plan.hasNeeded) {
      this.#lastSpans.over(connection, pace);
    }
  }

  /** A lane has ended with `error`. @returns whether other servers can fetch the rest. */
  #goesOnElsewhere(connection: Connection, error: unknown): boolean {
    const {unfit} = this.#tools;
    if (isTransient(error)) {
      unfit.takeSlow();
    }

    return this.#overtaken.delete(connection) || unfit.leftOut(connection.address, error);
  }

  /** Other servers are faster with the blocks that were requested over `connection`. */
  #overtake(connection: Connection): void {
    this.#overtaken.add(connection);
    this.#tools.unfit.tooSlow(connection.address);
    connection.close();
  }

  #laneEnded(): void {
    this.#running--;
    // This lane may have given blocks back.
    this.#start();
    this.#endUnneeded();
    if (this.#running === 0) {
      this.#finished.resolve();
    }
  }

  /** Whether no block is needed, and no lane has requested blocks that it might give back. */
  get #nothingLeft(): boolean {
    return !this.#job.plan.hasNeeded && this.#running === this.#waiting.size;
  }

  #endUnneeded(): void {
    if (this.#nothingLeft) {
      this.#endWaiting();
    }
  }

  #endWaiting(): void {
    for (const unneeded of this.#waiting) {
      unneeded.abort();
    }
  }

  /**
   * The download has to end: lanes whose connection has not been greeted stop, because their blocks would arrive too
   * late.
   */
  #end(): void {
    this.#endWaiting();
    for (const [unneeded, connection] of this.#asking) {
      if (!isGreeted(connection)) {
        unneeded.abort();
      }
    }
  }

  #fail(error: unknown): void {
    this.#failure ??= error;
    this.#stop.abort();
  }
}

/** Whether the server has sent its greeting, which lists its features. */
function isGreeted(connection: Connection): boolean {
  return connection.can('zstd') !== undefined;
}
