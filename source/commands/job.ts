import type {Client} from '../client/client.ts';
import type {Ssh} from '../client/connection/ways/ssh/ssh.ts';
import type {Config} from '../config/config.ts';
import type {Options} from './arguments/option-values.ts';
import type {JsonResults} from './results/json-results.ts';
import type {Outcome} from './results/outcome.ts';
import type {CommandOutput} from './results/output.ts';

/** The surroundings of a command that talks to a server. */
export type Job = {
  readonly client: Client;
  /** For clients of further servers. */
  readonly ssh: Ssh;
  readonly inputs: readonly string[];
  readonly options: Options;
  readonly output: CommandOutput;
  /** Results with `--json`. The last event is written by the one who runs the command. */
  readonly json: JsonResults | undefined;
  /** The terminal that answers to questions come from; undefined if there is none. */
  readonly answers: NodeJS.ReadStream | undefined;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  readonly environment: NodeJS.ProcessEnv;
  readonly config: Config;
};

/** A command. It connects when it first calls `client`, after it has checked its arguments. */
export type CommandBody = (job: Job) => Promise<Outcome>;
