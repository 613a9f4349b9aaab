/**
 * A server, a bad line, and a client that downloads the whole tree again and again. A round is one download of the tree
 * into an empty folder. A round takes several runs of the client if it is disturbed.
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

/** The possible rates of the undisturbed line, in bytes a second. */
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

  /** The running client. If none runs, this starts one. */
  client(): ClientRun {
    this.#run ??= new ClientRun(this.served, this.target);
    return this.#run;
  }

  /**
   * If the client has ended, count what its end has cost. If all files have arrived, begin a new round, unless
   * `keep` is set.
   *
   * @throws if the client ended in a wrong way.
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

  /** Damage some partial files while no client runs. @returns the kinds of damage. */
  damage(random: Random): string[] {
    const before = this.target.kept();
    const done: string[] = [];
    for (const {path, content} of this.target.partials()) {
      // A tree has few large files, and may have hundreds of small ones.
      const share = content.length > blockSize ? 0.6 : 0.1;
      const {size, nlink} = statSync(path);
      // A second name shows that the file is complete and is just getting its final name.
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
