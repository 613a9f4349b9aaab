/** One run of `jangada queue run`, from its start to its end. */
import {RunningProgram, refuseStackTrace} from '../program.ts';
import type {ServedTree} from '../served-tree.ts';

/** `gave up`: the client never got a connection, and said so. */
export type HowItEnded = 'killed' | 'interrupted' | 'worked off' | 'gave up';

export class QueueRun {
  readonly program: RunningProgram;
  readonly startedMs = performance.now();
  /** Whether the server or the line gave the client a reason to lose a connection. */
  disturbed: boolean;
  /** Whether the test has interrupted the client. */
  interrupted = false;
  /** Transfers that were done when its output first showed that it has the queue open. */
  doneBefore: ReadonlySet<number> | undefined;

  constructor(served: ServedTree) {
    this.disturbed = !served.serverIsUp;
    this.program = new RunningProgram(
      'jangada',
      ['queue', 'run', '--retries', '1000', '--json'],
      served.home,
    );
  }

  get isOver(): boolean {
    return this.program.ending !== undefined;
  }

  /** Whether another process was the worker when this one began. */
  get saidThatItWaits(): boolean {
    return this.program.stderr.includes('works on this queue');
  }

  /** Whether its output shows that it has the queue open. */
  get hasBegun(): boolean {
    return this.saidThatItWaits || this.program.stdout.includes('"event":"progress"');
  }

  /** How many files were fetched while it ran, according to its last line. */
  get filesTold(): number {
    const last: unknown = JSON.parse(this.program.stdout.trimEnd().split('\n').at(-1) || '{}');
    const {files} = {files: undefined, ...(last as object)};
    return Number(files ?? 0);
  }

  /** @throws if the client ended in a wrong way. */
  howItEnded(): HowItEnded {
    const {ending, stdout, stderr} = this.program;
    const {status, signal} = ending ?? {};
    refuseStackTrace('client', stderr);
    if (signal === 'SIGKILL') {
      return 'killed';
    }

    // While the client does not handle signals yet, or no longer, SIGINT ends it. A shell reports this as 130, too.
    if (this.interrupted && (status === 130 || signal === 'SIGINT')) {
      return 'interrupted';
    }

    // Once it has the queue open, the client has to continue by itself.
    if (status === 3 && this.disturbed && !this.hasBegun) {
      return 'gave up';
    }

    if (status === 0) {
      return 'worked off';
    }

    throw new Error(`A client ended with ${signal ?? status}:\n${stderr}\n${stdout.slice(-2000)}`);
  }
}
