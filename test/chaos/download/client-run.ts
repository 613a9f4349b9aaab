/** One run of `jangada mget '**'`, from its start to its end. */

import {RunningProgram} from '../program.ts';
import type {ServedTree} from '../served-tree.ts';
import type {Kept, Target} from '../target.ts';
import {bytesInFlight} from './in-flight.ts';
import {bytesLost, type Waste, wasteOf} from './waste.ts';

/** `gave up`: the client never got a connection, and said so. */
export type HowItEnded = 'killed' | 'interrupted' | 'finished' | 'gave up';

export class ClientRun {
  readonly program: RunningProgram;
  /** Whether the server or the line gave the client a reason to lose a connection. */
  disturbed: boolean;
  /** Whether the test has interrupted the client. */
  interrupted = false;
  /** Connections at the end of the client, and bytes on their way to it. */
  linksAtEnd = 0;
  inFlightAtEnd = 0;
  readonly #served: ServedTree;
  readonly #target: Target;
  readonly #before: Kept;
  readonly #bytesBefore: number;
  #after: Kept | undefined;
  // Bytes of blocks that were cut off before the test ended the client.
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

  /** The test is about to end the client. Blocks that are cut off from now on count as cut off by this end. */
  aboutToEnd(): void {
    this.#cutBytes ??= this.#served.meter.brokenBytes;
    const {links, port} = this.#served.proxy;
    this.linksAtEnd = links.length;
    this.inFlightAtEnd = bytesInFlight(port);
  }

  /** @throws if the client ended in a wrong way. */
  howItEnded(): HowItEnded {
    const {ending, stdout, stderr} = this.program;
    const {status, signal} = ending ?? {};
    if (signal === 'SIGKILL') {
      return 'killed';
    }

    // While the client does not handle signals yet, or no longer, SIGINT ends it. A shell reports this as 130, too.
    if (this.interrupted && (status === 130 || signal === 'SIGINT')) {
      return 'interrupted';
    }

    // Once a block has arrived, the client has to continue by itself.
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

  /** Bytes of blocks that were right before this run, and are not right after it. */
  lost(): number {
    return bytesLost(this.#before, this.#keptAfter, this.#served.tree);
  }

  get #keptAfter(): Kept {
    this.#after ??= this.#target.kept();
    return this.#after;
  }

  /** Whether the last line of the client has the number of all files. */
  #saysAll(stdout: string): boolean {
    const last: unknown = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '{}');
    const {files, failed} = {files: undefined, failed: undefined, ...(last as object)};
    return files === this.#served.tree.files.size && failed === 0;
  }
}
