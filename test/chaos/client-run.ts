/** One run of `jangada mget '**'`, from its start to whatever ended it. */
import {bytesInFlight} from './in-flight.ts';
import {RunningProgram} from './program.ts';
import type {Session} from './session.ts';
import type {Kept} from './target.ts';
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
  readonly #session: Session;
  readonly #before: Kept;
  readonly #bytesBefore: number;
  #after: Kept | undefined;
  // Bytes of blocks that were broken before it was stopped.
  #cutBytes: number | undefined;

  constructor(session: Session, home: string) {
    this.#session = session;
    this.#before = session.target.kept();
    this.#bytesBefore = session.meter.blockBytes;
    this.disturbed = !session.serverIsUp;
    const {target, proxy} = session;
    const address = `jangada://127.0.0.1:${proxy.port}`;
    this.program = new RunningProgram(
      'jangada',
      [
        ...['mget', '**', '--on-conflict', 'resume', '--retries', '1000', '--json'],
        ...['--server', address, '--to', target.path],
      ],
      home,
    );
  }

  get isOver(): boolean {
    return this.program.ending !== undefined;
  }

  /** It is about to be stopped: what is broken from now on is broken by that. */
  aboutToEnd(): void {
    this.#cutBytes ??= this.#session.meter.brokenBytes;
    const {links, port} = this.#session.proxy;
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
    const begun = this.#session.meter.blockBytes > this.#bytesBefore;
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
    const {meter, tree} = this.#session;
    const cut = how === 'killed' || how === 'interrupted' ? this.#cutBytes : undefined;
    const fetched = meter.take();
    return wasteOf(fetched, cut ?? fetched.brokenBytes, this.#before, this.#keptAfter, tree);
  }

  /** Bytes of blocks that were right before this run, and are not after it. */
  lost(): number {
    return bytesLost(this.#before, this.#keptAfter, this.#session.tree);
  }

  get #keptAfter(): Kept {
    this.#after ??= this.#session.target.kept();
    return this.#after;
  }

  /** Whether its last line names as many files as there are. */
  #saysAll(stdout: string): boolean {
    const last: unknown = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '{}');
    const {files, failed} = {files: undefined, failed: undefined, ...(last as object)};
    return files === this.#session.tree.files.size && failed === 0;
  }
}
