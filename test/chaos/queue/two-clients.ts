/**
 * A server, a bad line, and two `jangada queue run` on one queue, each begun again when it has ended.
 * A round fetches the whole tree into a new folder, and parts of it into others; it is over when
 * every transfer is done.
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
  /** The most that a line gives when nothing is wrong with it: a round lasts as long as that takes. */
  lineRates: readonly number[];
  /** For files that are there: they are there only if they were finished before. */
  onConflict: ReadonlyArray<'resume' | 'rename'>;
  log(line: string): void;
};

export type Answer = {status: number | null; stdout: string; stderr: string};

const lookEveryMs = 20;

/** Long after which a machine with a hundred other things to do has done what is waited for. */
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
  /** When there was last nothing to fetch, and when somebody last said something. */
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

  /** The clients that run. */
  get runs(): QueueRun[] {
    return [...this.#runs.values()].filter(run => !run.isOver);
  }

  /** The client that works on the queue, as it says itself. */
  get worker(): QueueRun | undefined {
    const pid = this.view.workerPid;
    return this.runs.find(run => run.program.pid === pid);
  }

  /** The client that waits for the other one. */
  get companion(): QueueRun | undefined {
    const {worker} = this;
    return this.runs.find(run => run !== worker && run.hasBegun);
  }

  /** How many transfers are in which state. */
  counts(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (const state of this.view.states().values()) {
      counts.set(state, (counts.get(state) ?? 0) + 1);
    }

    return counts;
  }

  /** Whether something is to be fetched. */
  get isOpen(): boolean {
    const counts = this.counts();
    return counts.has('queued') || counts.has('running');
  }

  /** `jangada queue` with these words, in a process of its own. */
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

  /** The queue as users see it. */
  async list(): Promise<Listed[]> {
    const {status, stdout, stderr} = await this.say('list');
    if (status !== 0) {
      throw new Error(`The queue cannot be listed: ${stderr}`);
    }

    // Fields are documented.
    return listedIn(stdout) as Listed[];
  }

  /** Queue the files of a folder of the tree, or all of them, to be saved to a folder of their own. */
  async add(part: string | undefined, words: readonly string[] = []): Promise<string> {
    const tree = part === undefined ? this.served.tree : partOf(this.served.tree, part);
    const path = this.folders.make(tree);
    const mask = part === undefined ? '**' : `${part}/**`;
    const {status, stdout, stderr} = await this.say(
      ...['add', mask, '--server', this.served.address, '--to', path, ...words],
    );
    if (status === 3) {
      // There was no server: nothing is queued.
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

  /** @throws what has gone wrong behind the back of the caller. */
  refuse(): void {
    if (this.#fault !== undefined) {
      throw this.#fault;
    }
  }

  /** All that a worker changes: the files, and the rows of the queue. */
  everything(): string {
    return `${this.folders.look()}\n${this.view.everything()}`;
  }

  /** Resolves when `condition` holds. @throws a fault that shows meanwhile. */
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
   * Resolves when `companion` works on the queue, or has ended because nothing is left.
   *
   * @returns whether it has taken over.
   */
  async takenOver(companion: QueueRun): Promise<boolean> {
    const {pid} = companion.program;
    const isWorker = () => this.view.workerPid === pid;
    await this.until(() => isWorker() || companion.isOver, 'the companion takes over');
    return isWorker();
  }

  /** If all of a round is there: make sure of it, clear the queue and begin another one. */
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

  /** No client is begun any more; resolves when those that run have ended. */
  async letEnd(): Promise<void> {
    this.#closed.abort();
    await this.until(() => this.runs.length === 0, 'the clients end');
    await Promise.all(this.#keepers);
    this.refuse();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed.abort();
    clearInterval(this.#looks);
    // Also one that is stopped.
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

  /** Begin a client whenever there is none in this place. */
  async #keepRunning(place: number): Promise<void> {
    const random = new Random(this.#options.seed, 1_000_000 + place);
    while (!this.#closed.signal.aborted) {
      const run = new QueueRun(this.served);
      this.#runs.set(place, run);
      await run.program.ended;
      this.#settle(run);
      // One that found nothing to do finds nothing a moment later either.
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
      // What a user has just put back in line may have been done between two looks.
      const isQuiet = performance.now() - this.#spokenAtMs > 2000;
      if (how === 'worked off' && isQuiet) {
        this.#checkWorkedOff(run);
      }
    } catch (error) {
      this.#fault ??= error;
    }
  }

  /** Nothing was left to do, and all that was done meanwhile is told. */
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
