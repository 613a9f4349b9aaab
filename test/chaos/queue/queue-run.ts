/** One run of `jangada queue run`, from its start to whatever ended it. */
import {RunningProgram, refuseStackTrace} from '../program.ts';
import type {ServedTree} from '../served-tree.ts';

/** `gave up`: there was no connection to begin with, and it said so. */
export type HowItEnded = 'killed' | 'interrupted' | 'worked off' | 'gave up';

export class QueueRun {
  readonly program: RunningProgram;
  readonly startedMs = performance.now();
  /** Whether the server or the line gave it cause to lose a connection. */
  disturbed: boolean;
  /** Whether it was asked to stop. */
  interrupted = false;
  /** Transfers that were done when it was first seen to have the queue open. */
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

  /** Whether another process worked on the queue when this one began. */
  get saidThatItWaits(): boolean {
    return this.program.stderr.includes('works on this queue');
  }

  /** Whether it is seen to have the queue open. */
  get hasBegun(): boolean {
    return this.saidThatItWaits || this.program.stdout.includes('"event":"progress"');
  }

  /** How many files were fetched as long as it was there, by its last line. */
  get filesTold(): number {
    const last: unknown = JSON.parse(this.program.stdout.trimEnd().split('\n').at(-1) || '{}');
    const {files} = {files: undefined, ...(last as object)};
    return Number(files ?? 0);
  }

  /** @throws if it ended in a way that it should not. */
  howItEnded(): HowItEnded {
    const {ending, stdout, stderr} = this.program;
    const {status, signal} = ending ?? {};
    refuseStackTrace('client', stderr);
    if (signal === 'SIGKILL') {
      return 'killed';
    }

    // Before it listens to signals, and when it no longer does, one just ends it: also 130 to a shell.
    if (this.interrupted && (status === 130 || signal === 'SIGINT')) {
      return 'interrupted';
    }

    // Once it has begun, it has to go on by itself.
    if (status === 3 && this.disturbed && !this.hasBegun) {
      return 'gave up';
    }

    if (status === 0) {
      return 'worked off';
    }

    throw new Error(`A client ended with ${signal ?? status}:\n${stderr}\n${stdout.slice(-2000)}`);
  }
}
