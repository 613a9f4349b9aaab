/**
 * A server of several processes. This one, the keeper, has the port and serves nobody: it hands each connection to
 * the process that has the fewest, and keeps what is decided over all of them.
 *
 *     port ──▶ keeper ──socket──▶ serving process 1 ──▶ client
 *                │ └────socket──▶ serving process 2 ──▶ client
 *                └ places, bytes a second, turns of long work: asked for, and given, in messages (messages.ts)
 *
 * A process that ends takes its connections with it, and another one takes its place.
 */
import type {Socket} from 'node:net';
import {type Logger, pino} from 'pino';
import {displayName} from '../../protocol/display-text.ts';
import {closer} from '../close-server.ts';
import {firstToGo, type IdleHolder, mostPlaceless, Places} from '../connection/places.ts';
import type {DoorOptions} from '../doors/open-door.ts';
import type {DigestsOption} from '../indexes/shelves/open-shelf.ts';
import type {LogLevel} from '../log-levels.ts';
import {noCounts} from '../metrics/counts.ts';
import {loggedError} from '../output/logged-error.ts';
import {SendLimiter} from '../output/send-limiter.ts';
import {Tally} from '../output/tally.ts';
import {Port} from '../port.ts';
import type {RunningServer, ServerOptions} from '../server.ts';
import {defaultDeadlines} from '../waiting/deadlines.ts';
import {ownLongWork} from '../waiting/long-work.ts';
import {type Ending, type Kept, type RemoteNewcomer, ServingProcess} from './serving-process.ts';

export type ClusterOptions = Omit<ServerOptions, 'root' | 'shelf'> & {
  /** What to serve: the path of a folder, or the URL of a bucket. */
  root: string;
  /** Those that serve. */
  processes: number;
  /** Where digests outlive them; without it, in the folder for state. */
  digests?: DigestsOption | undefined;
  /** The door once more, for each of them to open. */
  doorOptions: DoorOptions;
  /** Whether only this machine reaches the server. */
  isLocal: boolean;
  /** Of the lines that they write to standard error. */
  logLevel: LogLevel;
};

/** A process that has lived for so long, in milliseconds, is not one that cannot live. */
const longLife = 10_000;
/** How long a place stays empty after the second short life in a row; twice as long after each further one. */
const firstPauseMs = 500;
const longestPauseMs = 30_000;
/** How often connections that were closed at once are told of in the log, in milliseconds. */
const refusalsEveryMs = 10_000;

/**
 * Serve a folder. Resolves once connections are accepted.
 *
 * @throws as `startServer`, and for a door that cannot be opened.
 */
export async function startCluster(options: ClusterOptions): Promise<RunningServer> {
  const keeper = new Keeper(options);
  const {address, audience, host, port} = await keeper.start();
  return {
    ...{address, audience, host, port},
    reload: () => keeper.reload(),
    close: closer(
      options,
      {drain: () => keeper.drain(), end: graceMs => keeper.end(graceMs)},
      keeper.logger,
    ),
  };
}

class Keeper {
  readonly #options: ClusterOptions;
  readonly logger: Logger;
  readonly #kept: Kept;
  /** Those that serve, by their number. */
  readonly #serving = new Map<number, ServingProcess>();
  /** All that have not ended. */
  readonly #all = new Set<ServingProcess>();
  readonly #pauses = new Set<NodeJS.Timeout>();
  readonly #refusals: Tally;
  #port: Port | undefined;
  #isDraining = false;
  #isEnding = false;

  constructor(options: ClusterOptions) {
    this.#options = options;
    this.logger = options.logger ?? pino({level: 'silent'});
    const {giveWayMs} = {...defaultDeadlines, ...options.deadlines};
    const places = new Places<RemoteNewcomer>(
      {
        ...options,
        giveWayMs,
        longestIdle: (holders, address) => longestIdleOf(holders, address),
      },
      this.logger,
    );
    this.#kept = {
      places,
      limiter: options.limit === undefined ? undefined : new SendLimiter(options.limit),
      longWork: ownLongWork(),
      counts: options.counts ?? noCounts(),
      tellOthers: (from, message) => {
        for (const serving of this.#all) {
          if (serving !== from) {
            serving.tell(message);
          }
        }
      },
    };
    this.#refusals = new Tally(refusalsEveryMs, refused =>
      this.logger.warn({refused}, 'connections were closed at once: too many come'),
    );
  }

  /** Resolves once connections are accepted. */
  async start(): Promise<Port> {
    const {door = {}, processes} = this.#options;
    const numbers = Array.from({length: processes}, (_, index) => index + 1);
    try {
      await Promise.all(numbers.map(number => this.#start(number, 0).serving));
      const served = {
        name: this.#options.root,
        door,
        trustsProxies: this.#options.trustProxy !== undefined,
        classic: this.#options.classic !== undefined,
      };
      this.#port = await Port.open(this.#options, served, socket => this.#accept(socket), {
        paused: true,
      });
    } catch (error) {
      await this.end(0);
      throw error;
    }

    this.#port.tell(this.logger);
    return this.#port;
  }

  reload(): void {
    this.#options.door?.tls?.reload();
    for (const serving of this.#all) {
      serving.tell({do: 'reload'});
    }
  }

  drain(): void {
    this.#isDraining = true;
    for (const serving of this.#all) {
      serving.tell({do: 'drain'});
    }
  }

  async end(graceMs: number): Promise<void> {
    this.#isEnding = true;
    this.#port?.close();
    for (const pause of this.#pauses) {
      clearTimeout(pause);
    }

    await Promise.all([...this.#all].map(serving => serving.stop(graceMs)));
    this.#refusals.close();
  }

  /** @param shortLives those in a row that processes of this number have had. */
  #start(number: number, shortLives: number): ServingProcess {
    const {
      classic,
      deadlines,
      digests,
      doorOptions,
      isLocal,
      limit,
      logLevel,
      root,
      s3Endpoint,
      trustProxy,
      workers,
    } = this.#options;
    const serving = new ServingProcess(
      {
        process: number,
        processes: this.#options.processes,
        most: this.#kept.places.most,
        mostPerAddress: this.#kept.places.mostPerAddress,
        root,
        s3Endpoint,
        door: doorOptions,
        isLocal,
        logLevel,
        ...(digests === undefined ? {} : {digests}),
        ...(workers === undefined ? {} : {workers}),
        ...(limit === undefined ? {} : {limit}),
        ...(trustProxy === undefined ? {} : {trustProxy}),
        ...(classic === undefined ? {} : {classic}),
        ...(deadlines === undefined ? {} : {deadlines}),
      },
      this.#kept,
    );
    if (this.#isDraining) {
      serving.tell({do: 'drain'});
    }

    const startedAt = performance.now();
    this.#all.add(serving);
    serving.serving.then(
      () => {
        this.#serving.set(number, serving);
        this.logger.info({process: number, pidOfProcess: serving.pid}, 'a process serves');
      },
      (error: Error) => {
        // At the start of the server whoever starts it is told.
        if (this.#port !== undefined && !this.#isEnding) {
          const {message} = error;
          this.logger.error(
            {process: number, error: displayName(message)},
            'a process cannot serve',
          );
        }
      },
    );
    void serving.ended.then(ending => {
      this.#all.delete(serving);
      if (this.#serving.get(number) === serving) {
        this.#serving.delete(number);
      }

      const livedLong = performance.now() - startedAt >= longLife;
      this.#replace(number, ending, livedLong ? 0 : shortLives + 1);
    });
    return serving;
  }

  #replace(number: number, {signal, status}: Ending, shortLives: number): void {
    if (this.#port === undefined || this.#isEnding) {
      return;
    }

    const waitMs = pauseAfter(shortLives);
    this.logger.error(
      {process: number, signal, status, waitMs},
      'a process that serves has ended, and its connections with it: another takes its place',
    );
    this.#startLater(number, shortLives, waitMs);
  }

  #startLater(number: number, shortLives: number, waitMs: number): void {
    const pause = setTimeout(() => {
      this.#pauses.delete(pause);
      try {
        this.#start(number, shortLives);
      } catch (error) {
        // The system has no memory for one: as bad as one that cannot live.
        const nextMs = pauseAfter(shortLives + 1);
        this.logger.error(
          {process: number, ...loggedError(error), waitMs: nextMs},
          'a process cannot be started: it is tried again',
        );
        this.#startLater(number, shortLives + 1, nextMs);
      }
    }, waitMs);
    this.#pauses.add(pause);
  }

  #accept(socket: Socket): void {
    let fewest: ServingProcess | undefined;
    let connections = 0;
    for (const serving of this.#serving.values()) {
      connections += serving.connections;
      fewest = fewest === undefined || serving.connections < fewest.connections ? serving : fewest;
    }

    if (fewest === undefined || connections >= this.#mostConnections) {
      this.#kept.counts.refusedConnections++;
      this.#refusals.add();
      socket.destroy();
    } else {
      fewest.serve(socket);
    }
  }

  /** What the processes let in at most: with a place or soon with one; owing a header; told why they end. */
  get #mostConnections(): number {
    return this.#options.processes * (this.#kept.places.most + 3 * mostPlaceless);
  }
}

/** The one of `holders` that should give way first, of all processes. */
async function longestIdleOf(
  holders: readonly RemoteNewcomer[],
  address: string | undefined,
): Promise<IdleHolder<RemoteNewcomer> | undefined> {
  const processes = new Set(holders.map(holder => holder.process));
  const all = await Promise.all([...processes].map(serving => serving.longestIdle(address)));
  return all.reduce(firstToGo, undefined);
}

/** Milliseconds until a process is started anew: the first one at once. */
export function pauseAfter(shortLives: number): number {
  return shortLives <= 1 ? 0 : Math.min(longestPauseMs, firstPauseMs * 2 ** (shortLives - 2));
}
