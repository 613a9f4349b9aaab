/** Runs of `jangada mget '**'`, one after the other: each goes on with what the one before has left. */
import {mkdirSync, rmSync} from 'node:fs';
import type {ThreeServers} from '../../engines/three-servers.ts';
import {RunningProgram, refuseStackTrace} from '../program.ts';
import type {Random} from '../random.ts';
import type {ChangingTree} from './changing-tree.ts';
import type {ServersTally} from './servers-tally.ts';

/** Bytes a second, so that a run lasts for some events. */
const rates = [3e6, 8e6, 20e6];

export class ClientRuns implements AsyncDisposable {
  readonly target: string;
  readonly #cluster: ThreeServers;
  readonly #tree: ChangingTree;
  readonly #tally: ServersTally;
  #run: RunningProgram | undefined;
  /** Whether one of the servers was not there, or did not answer, while it ran. */
  #disturbed = false;

  constructor(cluster: ThreeServers, tree: ChangingTree, target: string, tally: ServersTally) {
    this.#cluster = cluster;
    this.#tree = tree;
    this.#tally = tally;
    this.target = target;
    this.#beginRound();
  }

  /** A client runs; it is started if none does. */
  beAtWork(random: Random): void {
    if (this.#run === undefined) {
      this.#start(['--limit', `${random.pick(rates)}`]);
    }
  }

  /** Something happens to servers: a client that begins just then may find none. */
  disturb(): void {
    this.#disturbed = true;
  }

  /** Kill -9. @returns whether one was at work. */
  async kill(): Promise<boolean> {
    const run = this.#run;
    if (run === undefined || run.ending !== undefined) {
      return false;
    }

    await run.kill();
    this.#forget(run);
    return true;
  }

  /** If the client has ended: begin a new round if all has come. @throws if it ended in a way that it should not. */
  settle(): void {
    const run = this.#run;
    if (run?.ending === undefined) {
      return;
    }

    const {status} = run.ending;
    const why = `The client ended with ${status}:\n${run.stderr}\n${run.stdout.slice(-2000)}`;
    // Once it has begun, it has to go on by itself; before that, one attempt is all.
    const gaveUp = status === 3 && this.#disturbed && !run.stdout.includes('"event":"done"');
    if (status !== 0 && !gaveUp && !onlyChanged(run)) {
      throw new Error(why);
    }

    this.#forget(run);
    this.#tally.gaveUp += gaveUp ? 1 : 0;
    if (status === 0) {
      const {files} = JSON.parse(run.stdout.trimEnd().split('\n').at(-1) ?? '{}');
      if (files !== this.#tree.fileCount) {
        throw new Error(why);
      }

      this.#beginRound();
    }
  }

  /** Whatever has happened, undisturbed runs complete it. @throws if they do not. */
  async finish(): Promise<void> {
    await this.kill();
    if (this.#run !== undefined) {
      this.settle();
    }

    const run = this.#start([]);
    const {status} = await run.end(100_000);
    this.#forget(run);
    if (status !== 0) {
      throw new Error(`An undisturbed client ended with ${status}:\n${run.stderr}`);
    }

    this.#tree.checkComplete(this.target);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#run?.kill();
  }

  #start(options: readonly string[]): RunningProgram {
    const words = ['mget', '**', '--on-conflict', 'resume', '--retries', '1000', '--json'];
    const {address, home} = this.#cluster;
    this.#tally.runs++;
    this.#disturbed = this.#cluster.running.length < 3;
    const run = new RunningProgram(
      'jangada',
      [...words, '--server', address, '--to', this.target, ...options],
      home,
    );
    this.#run = run;
    return run;
  }

  #forget(run: RunningProgram): void {
    refuseStackTrace('client', run.stderr);
    this.#run = undefined;
  }

  #beginRound(): void {
    this.#tally.rounds++;
    rmSync(this.target, {recursive: true, force: true});
    mkdirSync(this.target);
  }
}

/** Whether nothing but files that changed while they were fetched has failed. */
function onlyChanged({stdout}: RunningProgram): boolean {
  const failed = stdout.split('\n').filter(line => line.includes('"event":"failed"'));
  return failed.length > 0 && failed.every(line => JSON.parse(line).code === 'changed');
}
