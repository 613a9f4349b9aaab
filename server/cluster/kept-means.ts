/**
 * The means of a serving process (`connection/means.ts`): it asks the keeper for everything that concerns all
 * processes. Each answer has the number of its question, except answers for bytes, which come in the order of the questions.
 */
import {blockSize} from '../../protocol/block.ts';
import {aborted} from '../../protocol/errors.ts';
import type {Means, OwnNewcomer} from '../connection/means.ts';
import {longestIdle} from '../connection/places.ts';
import {WrongProofs} from '../doors/wrong-proofs.ts';
import {type Limiter, SendLimiter} from '../output/send-limiter.ts';
import type {LongWork, Turns} from '../waiting/long-work.ts';
import type {Beginning, FromServing, ToServing} from './messages.ts';

/** Each question for bytes costs two messages, so at high rates a process asks for more bytes at once: up to a block. */
const asksPerSecond = 160;

type Tell = (message: FromServing) => void;

type MeansBeginning = Pick<Beginning, 'limit' | 'most' | 'mostPerAddress' | 'processes'>;

export class KeptMeans implements Means {
  readonly places: KeptPlaces;
  readonly wrongProofs: KeptWrongProofs;
  readonly limiter: KeptLimiter | undefined;
  readonly longWork: LongWork;
  readonly processes: number;
  readonly #turns: KeptTurns;

  constructor({limit, most, mostPerAddress, processes}: MeansBeginning, tell: Tell) {
    this.places = new KeptPlaces({most, mostPerAddress}, tell);
    this.wrongProofs = new KeptWrongProofs(tell);
    this.limiter = limit === undefined ? undefined : new KeptLimiter(limit, tell);
    this.#turns = new KeptTurns(tell);
    this.longWork = {searches: this.#turns.of('searches'), hashJobs: this.#turns.of('hashJobs')};
    this.processes = processes;
  }

  /** Handle a message of the keeper about these means; ignore other messages. */
  hear(message: ToServing): void {
    switch (message.do) {
      case 'admit':
      case 'makeWay':
      case 'refuse':
      case 'longestIdle':
        this.places.hear(message);
        break;
      case 'flow':
        this.limiter?.flow();
        break;
      case 'turn':
        this.#turns.begin(message.turn);
        break;
      case 'countWrongProof':
        this.wrongProofs.hear(message.address);
        break;
      default:
    }
  }
}

class KeptPlaces {
  readonly most: number;
  readonly mostPerAddress: number;
  readonly #tell: Tell;
  readonly #newcomers = new Map<number, OwnNewcomer>();
  readonly #numbers = new Map<OwnNewcomer, number>();
  #last = 0;

  constructor(limits: {most: number; mostPerAddress: number}, tell: Tell) {
    this.most = limits.most;
    this.mostPerAddress = limits.mostPerAddress;
    this.#tell = tell;
  }

  ask(newcomer: OwnNewcomer): void {
    const place = ++this.#last;
    this.#newcomers.set(place, newcomer);
    this.#numbers.set(newcomer, place);
    this.#tell({tell: 'newcomer', place, address: newcomer.address});
  }

  left(newcomer: OwnNewcomer): void {
    const place = this.#numbers.get(newcomer);
    if (place !== undefined) {
      this.#numbers.delete(newcomer);
      this.#newcomers.delete(place);
      this.#tell({tell: 'left', place});
    }
  }

  hear(message: Extract<ToServing, {do: 'admit' | 'makeWay' | 'refuse' | 'longestIdle'}>): void {
    if (message.do === 'longestIdle') {
      this.#tellLongestIdle(message);
      return;
    }

    // Undefined if the client has left meanwhile.
    const newcomer = this.#newcomers.get(message.place);
    if (message.do === 'refuse') {
      newcomer?.refuse(message.why);
    } else {
      newcomer?.[message.do]();
    }
  }

  #tellLongestIdle({address, question}: Extract<ToServing, {do: 'longestIdle'}>): void {
    const all = [...this.#newcomers.values()];
    const longest = longestIdle(
      address === undefined ? all : all.filter(newcomer => newcomer.address === address),
    );
    const place = longest === undefined ? undefined : this.#numbers.get(longest.holder);
    if (longest === undefined || place === undefined) {
      this.#tell({tell: 'longestIdle', question});
    } else {
      const {owesLogin, since} = longest;
      const idleMs = performance.now() - since;
      this.#tell({tell: 'longestIdle', question, longest: {place, idleMs, owesLogin}});
    }
  }
}

/** Each process counts the wrong proofs of all processes: the keeper tells it about those of the others. */
class KeptWrongProofs {
  readonly #tell: Tell;
  readonly #counts = new WrongProofs();

  constructor(tell: Tell) {
    this.#tell = tell;
  }

  waitMs(address: string): number {
    return this.#counts.waitMs(address);
  }

  add(address: string): {count: number; delayMs: number} {
    this.#tell({tell: 'wrongProof', address});
    return this.#counts.add(address);
  }

  /** Another process has received a wrong proof. */
  hear(address: string): void {
    this.#counts.add(address);
  }
}

class KeptLimiter implements Limiter {
  readonly sliceSize: number;
  readonly #tell: Tell;
  readonly #waiting: (() => void)[] = [];

  constructor(bytesPerSecond: number, tell: Tell) {
    const {sliceSize} = new SendLimiter(bytesPerSecond);
    this.sliceSize = Math.max(
      sliceSize,
      Math.min(blockSize, Math.floor(bytesPerSecond / asksPerSecond)),
    );
    this.#tell = tell;
  }

  take(bytes: number): Promise<void> {
    this.#tell({tell: 'bytes', bytes});
    return new Promise(resolve => this.#waiting.push(resolve));
  }

  flow(): void {
    this.#waiting.shift()?.();
  }
}

class KeptTurns {
  readonly #tell: Tell;
  readonly #waiting = new Map<number, () => void>();
  #last = 0;

  constructor(tell: Tell) {
    this.#tell = tell;
  }

  of(of: keyof LongWork): Turns {
    return {enter: (key, signal) => this.#enter(of, key, signal)};
  }

  begin(turn: number): void {
    this.#waiting.get(turn)?.();
  }

  async #enter(of: keyof LongWork, key: string, signal: AbortSignal): Promise<() => void> {
    const turn = ++this.#last;
    const leave = () => this.#tell({tell: 'leave', turn});
    this.#tell({tell: 'enter', turn, of, key});
    await new Promise<void>((resolve, reject) => {
      const stop = () => {
        this.#waiting.delete(turn);
        leave();
        reject(aborted('The client has left'));
      };
      this.#waiting.set(turn, () => {
        this.#waiting.delete(turn);
        signal.removeEventListener('abort', stop);
        resolve();
      });
      signal.addEventListener('abort', stop, {once: true});
      if (signal.aborted) {
        stop();
      }
    });
    let left = false;
    return () => {
      if (!left) {
        left = true;
        leave();
      }
    };
  }
}
