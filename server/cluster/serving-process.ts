/** The keeper's side of one serving process: sends it messages, and answers its questions. */
import {type ChildProcess, fork} from 'node:child_process';
import type {Socket} from 'node:net';
import {fileURLToPath} from 'node:url';
import {JangadaError} from '../../protocol/errors.ts';
import type {Idle, IdleHolder, Newcomer, Places} from '../connection/places.ts';
import {addDifference, type Counts, noCounts, withoutGauges} from '../metrics/counts.ts';
import type {SendLimiter} from '../output/send-limiter.ts';
import type {LongWork} from '../waiting/long-work.ts';
import type {Beginning, FromServing, ToServing} from './messages.ts';

/** What the keeper decides for all processes. */
export type Kept = {
  readonly places: Places<RemoteNewcomer>;
  readonly limiter: SendLimiter | undefined;
  readonly longWork: LongWork;
  /** The counters of all processes together, including ended ones. */
  readonly counts: Counts;
  /** Send a message to all processes except `from`. */
  tellOthers(from: ServingProcess, message: ToServing): void;
};

/** A connection in a serving process that wants a place, or has one. */
export type RemoteNewcomer = Newcomer & {readonly process: ServingProcess};

/** How a process ended: its exit status, or the signal. */
export type Ending = {status: number | null; signal: NodeJS.Signals | null};

type Turn = {stop: AbortController; leave: (() => void) | undefined};

/** A process answers at once unless it hangs; the keeper then assumes that all its connections are busy. */
const answerMs = 1000;
/**
 * How long the keeper waits beyond `graceMs` before it kills a process: the process may need time for last frames (2 s),
 * for saving digests on a slow disk (5 s) and for threads that hang (2 s).
 */
const patienceMs = 9500;

const file = new URL(
  import.meta.url.endsWith('.ts') ? './serving-worker.ts' : './serving-worker.js',
  import.meta.url,
);

export class ServingProcess {
  readonly number: number;
  /** Resolves when the process is ready. Rejects with a JangadaError if it ends before. */
  readonly serving: Promise<void>;
  readonly ended: Promise<Ending>;
  readonly #child: ChildProcess;
  readonly #kept: Kept;
  readonly #begun = Promise.withResolvers<void>();
  /** How many connections the process has: passed to it and not ended. */
  #connections = 0;
  /** The connections that are still on their way to the process. */
  readonly #underWay = new Set<Socket>();
  readonly #newcomers = new Map<number, RemoteNewcomer>();
  readonly #turns = new Map<number, Turn>();
  readonly #questions = new Map<
    number,
    (longest: IdleHolder<RemoteNewcomer> | undefined) => void
  >();
  #lastQuestion = 0;
  /** The latest counters that the process has sent. */
  #counts = noCounts();

  constructor(beginning: Beginning, kept: Kept) {
    this.number = beginning.process;
    this.#kept = kept;
    this.serving = this.#begun.promise;
    // Callers that wait for `serving` get its error; without a caller, it must not become an unhandled rejection.
    this.serving.catch(() => {});
    this.#child = fork(fileURLToPath(file), [], {stdio: ['ignore', 'ignore', 'inherit', 'ipc']});
    // Only our own program sends messages here.
    this.#child.on('message', message => this.#hear(message as FromServing));
    this.ended = new Promise(resolve => {
      this.#child.once('exit', (status, signal) => resolve({status, signal}));
      // Starting the process or sending a message failed; if the process exists, it ends by itself.
      this.#child.on('error', () => {
        if (this.#child.pid === undefined) {
          resolve({status: null, signal: null});
        }
      });
    });
    void this.ended.then(() => this.#forgetAll());
    this.tell({do: 'begin', beginning});
  }

  /** How many connections the process has. */
  get connections(): number {
    return this.#connections;
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Pass a connection to the process. Nothing may have been read from it. */
  serve(socket: Socket): void {
    this.#connections++;
    this.#underWay.add(socket);
    // The client may leave meanwhile.
    socket.on('error', () => {});
    const message: ToServing = {do: 'serve'};
    this.#child.send(message, socket, {}, error => {
      this.#underWay.delete(socket);
      if (error) {
        // The connection never reached the process, so no `closed` message will come.
        this.#connections--;
        socket.destroy();
      }
    });
  }

  tell(message: ToServing): void {
    if (this.#child.connected) {
      // If the message cannot be sent, the process is ending.
      this.#child.send(message, () => {});
    }
  }

  /** The connection, of all or of `address`, that should give way first; undefined if all are busy. */
  longestIdle(address: string | undefined): Promise<IdleHolder<RemoteNewcomer> | undefined> {
    const question = ++this.#lastQuestion;
    return new Promise(resolve => {
      const answer = (longest: IdleHolder<RemoteNewcomer> | undefined) => {
        clearTimeout(timer);
        this.#questions.delete(question);
        resolve(longest);
      };
      const timer = setTimeout(answer, answerMs, undefined);
      this.#questions.set(question, answer);
      this.tell({do: 'longestIdle', question, ...(address === undefined ? {} : {address})});
    });
  }

  /** Give running answers `graceMs` to finish. Resolves when the process has ended. */
  async stop(graceMs: number): Promise<void> {
    this.tell({do: 'stop', graceMs});
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), graceMs + patienceMs);
    await this.ended;
    clearTimeout(timer);
  }

  #hear(message: FromServing): void {
    const {limiter, places, tellOthers} = this.#kept;
    switch (message.tell) {
      case 'serving':
        this.#begun.resolve();
        break;
      case 'failed':
        this.#begun.reject(new JangadaError(message.code, message.message));
        break;
      case 'closed':
        this.#connections--;
        break;
      case 'newcomer':
        this.#addNewcomer(message.place, message.address);
        break;
      case 'left': {
        const newcomer = this.#newcomers.get(message.place);
        this.#newcomers.delete(message.place);
        if (newcomer !== undefined) {
          places.left(newcomer);
        }

        break;
      }
      case 'longestIdle':
        this.#questions.get(message.question)?.(this.#holderOf(message.longest));
        break;
      case 'bytes':
        void limiter?.take(message.bytes).then(() => this.tell({do: 'flow'}));
        break;
      case 'counts':
        this.#count(message.counts);
        break;
      case 'enter':
        this.#enter(message);
        break;
      case 'leave':
        this.#leave(message.turn);
        break;
      case 'wrongProof':
        tellOthers(this, {do: 'countWrongProof', address: message.address});
        break;
      default:
        message satisfies never;
    }
  }

  #count(counts: Counts): void {
    addDifference(this.#kept.counts, counts, this.#counts);
    this.#counts = counts;
  }

  #addNewcomer(place: number, address: string): void {
    const newcomer: RemoteNewcomer = {
      process: this,
      address,
      admit: () => this.tell({do: 'admit', place}),
      refuse: why => this.tell({do: 'refuse', place, why}),
      makeWay: () => this.tell({do: 'makeWay', place}),
    };
    this.#newcomers.set(place, newcomer);
    this.#kept.places.ask(newcomer);
  }

  #holderOf(
    longest: Extract<FromServing, {tell: 'longestIdle'}>['longest'],
  ): IdleHolder<RemoteNewcomer> | undefined {
    const holder = longest === undefined ? undefined : this.#newcomers.get(longest.place);
    if (longest === undefined || holder === undefined) {
      return undefined;
    }

    const idle: Idle = {
      since: performance.now() - longest.idleMs,
      owesLogin: longest.owesLogin,
    };
    return {...idle, holder};
  }

  #enter({key, of, turn}: Extract<FromServing, {tell: 'enter'}>): void {
    const entry: Turn = {stop: new AbortController(), leave: undefined};
    this.#turns.set(turn, entry);
    this.#kept.longWork[of].enter(key, entry.stop.signal).then(
      leave => {
        if (this.#turns.has(turn)) {
          entry.leave = leave;
          this.tell({do: 'turn', turn});
        } else {
          leave();
        }
      },
      () => {
        // The process no longer waits for this turn.
      },
    );
  }

  #leave(turn: number): void {
    const entry = this.#turns.get(turn);
    this.#turns.delete(turn);
    if (entry?.leave === undefined) {
      entry?.stop.abort();
    } else {
      entry.leave();
    }
  }

  /** The process has ended: free its places and turns for other processes. */
  #forgetAll(): void {
    this.#begun.reject(new JangadaError('internal', 'A serving process ended while it started'));
    for (const socket of this.#underWay) {
      socket.destroy();
    }

    for (const answer of this.#questions.values()) {
      answer(undefined);
    }

    for (const turn of this.#turns.keys()) {
      this.#leave(turn);
    }

    for (const newcomer of this.#newcomers.values()) {
      this.#kept.places.left(newcomer);
    }

    this.#newcomers.clear();
    this.#count(withoutGauges(this.#counts));
  }
}
