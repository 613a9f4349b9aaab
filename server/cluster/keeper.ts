/**
 * A server of several processes. This process, the keeper, has the port and serves no client: it passes each connection
 * to the process with the fewest connections, and decides what concerns all processes.
 *
 *     port ──▶ keeper ──socket──▶ serving process 1 ──▶ client
 *                │ └────socket──▶ serving process 2 ──▶ client
 *                └ places, bytes a second, turns of long work: processes ask and the keeper answers (messages.ts)
 *
 * When a process ends, its connections end, and the keeper starts another process.
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
  /** The number of serving processes. */
  processes: number;
  /** Where the server keeps digests for its next start. Default: the folder for state. */
  digests?: DigestsOption | undefined;
  /** The options of the door, because each process opens the door for itself. */
  doorOptions: DoorOptions;
  /** Whether only this machine reaches the server. */
  isLocal: boolean;
  /** The log level of all processes. */
  logLevel: LogLevel;
};

/** A process that was ready for so long, in milliseconds, did not fail at its start. */
const longLife = 10_000;
/** Pause before the next start after the second short life in a row; doubles after each further one. */
const firstPauseMs = 500;
const longestPauseMs = 30_000;
/** How often the log reports connections that the keeper closed at once, in milliseconds. */
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
  /** The processes that are ready, by their number. */
  readonly #serving = new Map<number, ServingProcess>();
  /** All processes that have not ended. */
  readonly #all = new Set<ServingProcess>();
  /** Starts the successors of processes that were ready and ended before the port was open. */
  readonly #postponed: Array<() => void> = [];
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
      this.logger.warn({refused}, 'closed connections without a word: too many arrive'),
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
    for (const replace of this.#postponed.splice(0)) {
      replace();
    }

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

  /** @param shortLives how many processes with this number have ended early, in a row. */
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

    let readyAtMs = Number.POSITIVE_INFINITY;
    this.#all.add(serving);
    serving.serving.then(
      () => {
        readyAtMs = performance.now();
        this.#serving.set(number, serving);
        this.logger.info(
          {process: number, pidOfProcess: serving.pid},
          'a serving process is ready',
        );
      },
      (error: Error) => {
        // During the start of the server, `start` throws the error instead.
        if (this.#port !== undefined && !this.#isEnding) {
          const {message} = error;
          this.logger.error(
            {process: number, error: displayName(message)},
            'a serving process failed to start',
          );
        }
      },
    );
    void serving.ended.then(ending => {
      this.#all.delete(serving);
      if (this.#serving.get(number) === serving) {
        this.#serving.delete(number);
      }

      const livedLong = performance.now() - readyAtMs >= longLife;
      this.#replace(number, ending, livedLong ? 0 : shortLives + 1);
    });
    return serving;
  }

  #replace(number: number, ending: Ending, shortLives: number): void {
    if (this.#isEnding) {
      return;
    }

    if (this.#port === undefined) {
      // If the process was not ready yet, the start fails, and nothing is replaced.
      this.#postponed.push(() => this.#replace(number, ending, shortLives));
      return;
    }

    const {signal, status} = ending;
    const waitMs = pauseAfter(shortLives);
    this.logger.error(
      {process: number, signal, status, waitMs},
      'a serving process has ended, and its connections with it: the server starts another one',
    );
    this.#startLater(number, shortLives, waitMs);
  }

  #startLater(number: number, shortLives: number, waitMs: number): void {
    const pause = setTimeout(() => {
      this.#pauses.delete(pause);
      try {
        this.#start(number, shortLives);
      } catch (error) {
        // The system has no memory for a process: treat this like a short life.
        const nextMs = pauseAfter(shortLives + 1);
        this.logger.error(
          {process: number, ...loggedError(error), waitMs: nextMs},
          'cannot start a serving process: the server tries again',
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

  /** The most connections that all processes accept: with a place, without their PROXY header yet, or being refused. */
  get #mostConnections(): number {
    return this.#options.processes * (this.#kept.places.most + 3 * mostPlaceless);
  }
}

/** The connection of `holders` that should give way first, over all processes. */
async function longestIdleOf(
  holders: readonly RemoteNewcomer[],
  address: string | undefined,
): Promise<IdleHolder<RemoteNewcomer> | undefined> {
  const processes = new Set(holders.map(holder => holder.process));
  const all = await Promise.all([...processes].map(serving => serving.longestIdle(address)));
  return all.reduce(firstToGo, undefined);
}

/** Milliseconds until the keeper starts the next process: none after the first short life. */
export function pauseAfter(shortLives: number): number {
  return shortLives <= 1 ? 0 : Math.min(longestPauseMs, firstPauseMs * 2 ** (shortLives - 2));
}
