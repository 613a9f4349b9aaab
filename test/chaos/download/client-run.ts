/** One run of `jangada mget '**'`, from its start to whatever ended it. */

import {RunningProgram} from '../program.ts';
import type {ServedTree} from '../served-tree.ts';
import type {Kept, Target} from '../target.ts';
import {bytesInFlight} from './in-flight.ts';
import {bytesLost, type Waste, wasteOf} from './waste.ts';

/** `gave up`: there was no connection to begin with, and it said so. */
export type HowItEnded = 'killed' | 'interrupted' | 'finished' | 'gave up';

export class ClientRun {
  readonly program: RunningProgram;
  /** Whether the server or the line gave it cause to lose a connection. */
  disturbed: boolean;
  /** Whether it was asked to stop. */
  interrupted = false;
  /** When it was stopped: connections, and bytes towards it that had not reached it. */
  linksAtEnd = 0;
  inFlightAtEnd = 0;
  readonly #served: ServedTree;
  readonly #target: Target;
  readonly #before: Kept;
  readonly #bytesBefore: number;
  #after: Kept | undefined;
  // Bytes of blocks that were broken before it was stopped.
  #cutBytes: number | undefined;

  constructor(served: ServedTree, target: Target) {
    this.#served = served;
    this.#target = target;
    this.#before = target.kept();
    this.#bytesBefore = served.meter.blockBytes;
    this.disturbed = !served.serverIsUp;
    this.program = new RunningProgram(
      'jangada',
      [
        ...['mget', '**', '--on-conflict', 'resume', '--retries', '1000', '--json'],
        ...['--server', served.address, '--to', target.path],
      ],
      served.home,
    );
  }

  get isOver(): boolean {
    return this.program.ending !== undefined;
  }

  /** It is about to be stopped: what is broken from now on is broken by that. */
  aboutToEnd(): void {
    this.#cutBytes ??= this.#served.meter.brokenBytes;
    const {links, port} = this.#served.proxy;
    this.linksAtEnd = links.length;
    this.inFlightAtEnd = bytesInFlight(port);
  }

  /** @throws if it ended in a way that it should not. */
  howItEnded(): HowItEnded {
    const {ending, stdout, stderr} = this.program;
    const {status, signal} = ending ?? {};
    if (signal === 'SIGKILL') {
      return 'killed';
    }

    // Before it listens to signals, and when it no longer does, one just ends it: also 130 to a shell.
    if (this.interrupted && (status === 130 || signal === 'SIGINT')) {
      return 'interrupted';
    }

    // Once it has begun, it has to go on by itself.
    const begun = this.#served.meter.blockBytes > this.#bytesBefore;
    if (status === 3 && this.disturbed && !begun) {
      return 'gave up';
    }

    if (status === 0 && this.#saysAll(stdout)) {
      return 'finished';
    }

    throw new Error(
      `The client ended with ${signal ?? status}:\n${stderr}\n${stdout.slice(-2000)}`,
    );
  }

  waste(how: HowItEnded): Waste {
    const {meter, tree} = this.#served;
    const cut = how === 'killed' || how === 'interrupted' ? this.#cutBytes : undefined;
    const fetched = meter.take();
    return wasteOf(fetched, cut ?? fetched.brokenBytes, this.#before, this.#keptAfter, tree);
  }

  /** Bytes of blocks that were right before this run, and are not after it. */
  lost(): number {
    return bytesLost(this.#before, this.#keptAfter, this.#served.tree);
  }

  get #keptAfter(): Kept {
    this.#after ??= this.#target.kept();
    return this.#after;
  }

  /** Whether its last line names as many files as there are. */
  #saysAll(stdout: string): boolean {
    const last: unknown = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '{}');
    const {files, failed} = {files: undefined, failed: undefined, ...(last as object)};
    return files === this.#served.tree.files.size && failed === 0;
  }
}
