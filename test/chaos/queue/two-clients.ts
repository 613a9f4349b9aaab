/**
 * A server, a bad line, and two `jangada queue run` on one queue. If one of these clients ends, another one starts. A round
 * fetches the whole tree into a new folder, and parts of it into others. It is over when every transfer is done.
 */
import {setTimeout as delay} from 'node:timers/promises';
import {listedIn} from '../../fixtures/json-output.ts';
import {RunningProgram, refuseStackTrace} from '../program.ts';
import {Random} from '../random.ts';
import {ServedTree, type ServedTreeOptions} from '../served-tree.ts';
import {partOf} from '../tree.ts';
import {Expected, type Listed} from './expected.ts';
import {QueueRun} from './queue-run.ts';
import {QueueTally} from './queue-tally.ts';
import {QueueView} from './queue-view.ts';
import {QueuedFolders} from './queued-folders.ts';

export type TwoClientsOptions = ServedTreeOptions & {
  /** The rate of the undisturbed line is one of these. A low rate makes a round last longer. */
  lineRates: readonly number[];
  /** For files that exist. A file exists only if it was finished before. */
  onConflict: ReadonlyArray<'resume' | 'rename'>;
  log(line: string): void;
};

export type Answer = {status: number | null; stdout: string; stderr: string};

const lookEveryMs = 20;

/** A condition has come true after this time even on a very busy machine. */
const patienceMs = 60_000;

export class TwoClients implements AsyncDisposable {
  readonly tally = new QueueTally();
  readonly expected = new Expected();
  readonly served: ServedTree;
  readonly folders: QueuedFolders;
  readonly log: (line: string) => void;
  readonly #options: TwoClientsOptions;
  readonly #runs = new Map<number, QueueRun>();
  readonly #keepers: Promise<void>[] = [];
  readonly #closed = new AbortController();
  #view: QueueView | undefined;
  #looks: NodeJS.Timeout | undefined;
  #fault: unknown;
  /** When nothing was left to fetch, and when a user last gave a command. */
  #idleAtMs = 0;
  #spokenAtMs = 0;

  static async start(options: TwoClientsOptions): Promise<TwoClients> {
    const clients = new TwoClients(options, await ServedTree.start(options));
    try {
      await clients.#beginRound();
      clients.#view = new QueueView(clients.served.home);
      clients.#looks = setInterval(() => clients.#watch(), lookEveryMs);
      clients.#keepers.push(clients.#keepRunning(0), clients.#keepRunning(1));
      return clients;
    } catch (error) {
      await clients[Symbol.asyncDispose]();
      throw error;
    }
  }

  private constructor(options: TwoClientsOptions, served: ServedTree) {
    this.#options = options;
    this.served = served;
    this.folders = new QueuedFolders(options.folder);
    this.log = options.log;
  }

  get view(): QueueView {
    if (this.#view === undefined) {
      throw new Error('There is no queue yet');
    }

    return this.#view;
  }

  /** The running clients. */
  get runs(): QueueRun[] {
    return [...this.#runs.values()].filter(run => !run.isOver);
  }

  /** The client that is the worker, according to the database. */
  get worker(): QueueRun | undefined {
    const pid = this.view.workerPid;
    return this.runs.find(run => run.program.pid === pid);
  }

  /** The client that waits for the worker. */
  get companion(): QueueRun | undefined {
    const {worker} = this;
    return this.runs.find(run => run !== worker && run.hasBegun);
  }

  /** How many transfers are in each state. */
  counts(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (const state of this.view.states().values()) {
      counts.set(state, (counts.get(state) ?? 0) + 1);
    }

    return counts;
  }

  /** Whether anything is left to fetch. */
  get isOpen(): boolean {
    const counts = this.counts();
    return counts.has('queued') || counts.has('running');
  }

  /** Run `jangada queue` with these words in a process of its own. */
  async say(...words: readonly string[]): Promise<Answer> {
    this.#spokenAtMs = Number.POSITIVE_INFINITY;
    try {
      const program = new RunningProgram(
        'jangada',
        ['queue', ...words, '--json'],
        this.served.home,
      );
      const {status} = await program.end(patienceMs);
      refuseStackTrace('command', program.stderr);
      return {status, stdout: program.stdout, stderr: program.stderr};
    } finally {
      this.#spokenAtMs = performance.now();
    }
  }

  /** The transfers as `queue list` shows them. */
  async list(): Promise<Listed[]> {
    const {status, stdout, stderr} = await this.say('list');
    if (status !== 0) {
      throw new Error(`The queue cannot be listed: ${stderr}`);
    }

    // The fields are documented.
    return listedIn(stdout) as Listed[];
  }

  /** Queue the files of a folder of the tree (undefined: all files), to be saved to a new folder. */
  async add(part: string | undefined, words: readonly string[] = []): Promise<string> {
    const tree = part === undefined ? this.served.tree : partOf(this.served.tree, part);
    const path = this.folders.make(tree);
    const mask = part === undefined ? '**' : `${part}/**`;
    const {status, stdout, stderr} = await this.say(
      ...['add', mask, '--server', this.served.address, '--to', path, ...words],
    );
    if (status === 3) {
      // The server was down, so nothing was queued.
      this.folders.leave(path);
      return `${mask}, no server`;
    }

    const added = status === 0 ? (listedIn(stdout) as Listed[]) : [];
    if (added.length !== tree.files.size) {
      throw new Error(`${added.length} of ${tree.files.size} files were queued: ${stderr}`);
    }

    this.expected.added(added);
    return `${mask} ${words.join(' ')}, ${added.length} files`;
  }

  /** @throws the fault that the watch or a client has shown, if any. */
  refuse(): void {
    if (this.#fault !== undefined) {
      throw this.#fault;
    }
  }

  /** All that a worker changes: the files and the rows. */
  everything(): string {
    return `${this.folders.look()}\n${this.view.everything()}`;
  }

  /** Resolves when `condition` holds. @throws a fault that shows before. */
  async until(condition: () => boolean, what: string): Promise<void> {
    const deadline = performance.now() + patienceMs;
    while (!condition()) {
      this.refuse();
      if (performance.now() > deadline) {
        throw new Error(`Still not after ${patienceMs} ms: ${what}`);
      }

      await delay(5);
    }
  }

  /**
   * Resolves when `companion` is the worker, or has ended because nothing is left.
   *
   * @returns whether it has taken over.
   */
  async takenOver(companion: QueueRun): Promise<boolean> {
    const {pid} = companion.program;
    const isWorker = () => this.view.workerPid === pid;
    await this.until(() => isWorker() || companion.isOver, 'the companion takes over');
    return isWorker();
  }

  /** If a round is over, check its files, clear the queue and begin the next round. */
  async nextRound(): Promise<boolean> {
    if ([...this.view.states().values()].some(state => state !== 'done')) {
      return false;
    }

    this.folders.checkComplete();
    this.expected.forget();
    const {status, stderr} = await this.say('clear');
    const left = await this.list();
    if (status !== 0 || left.length > 0) {
      throw new Error(`${left.length} transfers are left after all were cleared: ${stderr}`);
    }

    this.folders.clear();
    await this.#beginRound();
    return true;
  }

  /** Start no more clients. Resolves when the running clients have ended. */
  async letEnd(): Promise<void> {
    this.#closed.abort();
    await this.until(() => this.runs.length === 0, 'the clients end');
    await Promise.all(this.#keepers);
    this.refuse();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed.abort();
    clearInterval(this.#looks);
    // This also ends a stopped client.
    await Promise.all(this.runs.map(({program}) => program.kill()));
    await Promise.all(this.#keepers);
    this.#view?.[Symbol.dispose]();
    await this.served[Symbol.asyncDispose]();
  }

  async #beginRound(): Promise<void> {
    const round = ++this.tally.rounds;
    const {seed, lineRates, onConflict} = this.#options;
    this.served.lineRate = new Random(seed, -round).pick(lineRates);
    this.served.restoreLine();
    await this.served.serverUp();
    const policy = new Random(seed, -round).pick(onConflict);
    const what = await this.add(undefined, ['--on-conflict', policy]);
    this.log(`        round ${round}, ${this.served.lineRate} bytes/s: ${what}`);
  }

  /** Start a client whenever the one in this place has ended. */
  async #keepRunning(place: number): Promise<void> {
    const random = new Random(this.#options.seed, 1_000_000 + place);
    while (!this.#closed.signal.aborted) {
      const run = new QueueRun(this.served);
      this.#runs.set(place, run);
      await run.program.ended;
      this.#settle(run);
      // If a client found nothing to do, the next one would find nothing a moment later.
      const isAtOnce = run.program.ending?.status !== 0 && random.chance(0.3);
      const pauseMs = isAtOnce ? 0 : random.between(0, 1000);
      await delay(pauseMs, undefined, {signal: this.#closed.signal}).catch(() => undefined);
    }
  }

  #settle(run: QueueRun): void {
    try {
      this.#watch();
      const how = run.howItEnded();
      this.tally.addEnd(how);
      this.log(`        client ${run.program.pid} ${how}`);
      // Between two looks of the watch, a transfer may be queued again by a user and become done.
      const isQuiet = performance.now() - this.#spokenAtMs > 2000;
      if (how === 'worked off' && isQuiet) {
        this.#checkWorkedOff(run);
      }
    } catch (error) {
      this.#fault ??= error;
    }
  }

  /** @throws unless nothing was left to do, and the client has counted all files that became done while it ran. */
  #checkWorkedOff({startedMs, doneBefore, filesTold}: QueueRun): void {
    if (this.#idleAtMs < startedMs) {
      throw new Error(
        `A client ended with 0 while there was work: ${JSON.stringify([...this.counts()])}`,
      );
    }

    const done = [...doneIn(this.view.states())].filter(id => doneBefore?.has(id) === false);
    if (filesTold < done.length) {
      throw new Error(`A client has told of ${filesTold} files, and ${done.length} were fetched`);
    }
  }

  #watch(): void {
    try {
      const begun = this.runs.filter(run => run.hasBegun && run.doneBefore === undefined);
      const states = this.view.states();
      for (const run of begun) {
        run.doneBefore = doneIn(states);
      }

      this.expected.checkStates(states, this.view.workerPid);
      if (![...states.values()].some(state => state === 'queued' || state === 'running')) {
        this.#idleAtMs = performance.now();
      }
    } catch (error) {
      this.#fault ??= error;
    }
  }
}

function doneIn(states: ReadonlyMap<number, string>): Set<number> {
  return new Set([...states].flatMap(([id, state]) => (state === 'done' ? [id] : [])));
}
