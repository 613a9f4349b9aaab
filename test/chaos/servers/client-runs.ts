/** Runs of `jangada mget '**'`, one after the other. Each continues with the files that the one before has left. */
import {mkdirSync, rmSync} from 'node:fs';
import type {ThreeServers} from '../../engines/three-servers.ts';
import {RunningProgram, refuseStackTrace} from '../program.ts';
import type {Random} from '../random.ts';
import type {ChangingTree} from './changing-tree.ts';
import type {ServersTally} from './servers-tally.ts';

/** Bytes a second, so slow that several events happen during a run. */
const rates = [3e6, 8e6, 20e6];

export class ClientRuns implements AsyncDisposable {
  readonly target: string;
  readonly #cluster: ThreeServers;
  readonly #tree: ChangingTree;
  readonly #tally: ServersTally;
  #run: RunningProgram | undefined;
  /** Whether a server was down or did not answer while the client ran. */
  #disturbed = false;

  constructor(cluster: ThreeServers, tree: ChangingTree, target: string, tally: ServersTally) {
    this.#cluster = cluster;
    this.#tree = tree;
    this.#tally = tally;
    this.target = target;
    this.#beginRound();
  }

  /** Start a client if none runs. */
  beAtWork(random: Random): void {
    if (this.#run === undefined) {
      this.#start(['--limit', `${random.pick(rates)}`]);
    }
  }

  /** Something happens to the servers. A client that just starts may find no server. */
  disturb(): void {
    this.#disturbed = true;
  }

  /** Kill the client. @returns whether one was running. */
  async kill(): Promise<boolean> {
    const run = this.#run;
    if (run === undefined || run.ending !== undefined) {
      return false;
    }

    await run.kill();
    this.#forget(run);
    return true;
  }

  /** If the client has ended and all files have arrived, begin a new round. @throws if it ended in a wrong way. */
  settle(): void {
    const run = this.#run;
    if (run?.ending === undefined) {
      return;
    }

    const {status} = run.ending;
    const why = `The client ended with ${status}:\n${run.stderr}\n${run.stdout.slice(-2000)}`;
    // Once a file is done, the client has to continue by itself. Before that, it may make only one attempt to connect.
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

  /** Whatever has happened, an undisturbed run completes the tree. @throws if it does not. */
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

/** Whether all failed files have failed because they changed during the download. */
function onlyChanged({stdout}: RunningProgram): boolean {
  const failed = stdout.split('\n').filter(line => line.includes('"event":"failed"'));
  return failed.length > 0 && failed.every(line => JSON.parse(line).code === 'changed');
}
