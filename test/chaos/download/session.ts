/**
 * A server, a bad line and a client that downloads the whole tree again and again. A round is one
 * download of the tree into an empty folder, by as many runs of the client as it takes.
 */
import {mkdirSync, rmSync, statSync} from 'node:fs';
import {join} from 'node:path';
import {blockSize} from '../../../protocol/block.ts';
import {refuseStackTrace} from '../program.ts';
import {Random} from '../random.ts';
import {ServedTree, type ServedTreeOptions} from '../served-tree.ts';
import {Target} from '../target.ts';
import {ClientRun} from './client-run.ts';
import {damage} from './damage.ts';
import {Tally} from './tally.ts';
import {bytesLost} from './waste.ts';

export type SessionOptions = ServedTreeOptions & {
  log(line: string): void;
};

/** Bytes a second of the line when nothing is wrong with it. */
const lineRates = [10e6, 25e6, 60e6, 150e6, Number.POSITIVE_INFINITY];

export class Session implements AsyncDisposable {
  readonly tally = new Tally();
  readonly served: ServedTree;
  readonly target: Target;
  readonly log: (line: string) => void;
  readonly #seed: number;
  #run: ClientRun | undefined;
  #round = 0;

  static async start(options: SessionOptions): Promise<Session> {
    return new Session(options, await ServedTree.start(options));
  }

  private constructor({folder, seed, log}: SessionOptions, served: ServedTree) {
    this.served = served;
    this.log = log;
    this.#seed = seed;
    this.target = new Target(join(folder, 'target'), served.tree);
    this.#beginRound();
  }

  /** The client that runs; started if none does. */
  client(): ClientRun {
    this.#run ??= new ClientRun(this.served, this.target);
    return this.#run;
  }

  /**
   * If the client has ended: see what that has cost, and begin a new round if all is done, unless
   * what is there is to be kept.
   *
   * @throws if it ended in a way that it should not.
   */
  settle({keep = false} = {}): void {
    const run = this.#run;
    if (run?.program.ending === undefined) {
      return;
    }

    this.#run = undefined;
    for (const link of this.served.proxy.links) {
      this.served.proxy.cut(link, 'reset');
    }

    const how = run.howItEnded();
    refuseStackTrace('client', run.program.stderr);
    this.log(`        ${this.tally.addRun(run, how)}`);
    if (how === 'finished') {
      this.target.checkComplete();
      if (!keep) {
        this.#beginRound();
      }
    } else if (how === 'gave up') {
      this.log(`         the client gave up: ${run.program.stderr.trim()}`);
    }
  }

  /** Damage some partials, while no client works on them. @returns what was done. */
  damage(random: Random): string[] {
    const before = this.target.kept();
    const done: string[] = [];
    for (const {path, content} of this.target.partials()) {
      // There are few of large files and may be hundreds of small ones.
      const share = content.length > blockSize ? 0.6 : 0.1;
      const {size, nlink} = statSync(path);
      // With a second name it is the finished file, on its way from the one to the other.
      if (size > 0 && nlink === 1 && random.chance(share)) {
        done.push(damage(path, random));
      }
    }

    this.tally.damaged += done.length;
    this.tally.bytesDamaged += bytesLost(before, this.target.kept(), this.served.tree);
    return done;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#run?.program.kill();
    await this.served[Symbol.asyncDispose]();
  }

  #beginRound(): void {
    this.#round++;
    this.tally.rounds = this.#round;
    rmSync(this.target.path, {recursive: true, force: true});
    mkdirSync(this.target.path);
    this.target.forget();
    this.served.lineRate = new Random(this.#seed, -this.#round).pick(lineRates);
    this.served.restoreLine();
  }
}
