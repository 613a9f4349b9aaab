import type {Client} from '../client/client.ts';
import type {Options} from './arguments/option-values.ts';
import type {ExitStatus} from './exit-status.ts';
import type {CommandOutput} from './output.ts';

/** What a command that talks to a server is given. */
export type Job = {
  readonly client: Client;
  readonly inputs: readonly string[];
  readonly options: Options;
  readonly output: CommandOutput;
  /** Where answers to questions come from; undefined if nobody can answer. */
  readonly answers: NodeJS.ReadStream | undefined;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  readonly environment: NodeJS.ProcessEnv;
};

/** A command. It connects when it first calls `client`, after it has checked its arguments. */
export type CommandBody = (job: Job) => Promise<ExitStatus>;
