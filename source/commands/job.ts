import type {Client} from '../client/client.ts';
import type {Ssh} from '../client/connection/ways/ssh/ssh.ts';
import type {Config} from '../config/config.ts';
import type {Options} from './arguments/option-values.ts';
import type {JsonResults} from './results/json-results.ts';
import type {Outcome} from './results/outcome.ts';
import type {CommandOutput} from './results/output.ts';

/** Everything that a command which talks to a server gets. */
export type Job = {
  readonly client: Client;
  /** Connects clients to more servers. */
  readonly ssh: Ssh;
  readonly inputs: readonly string[];
  readonly options: Options;
  readonly output: CommandOutput;
  /** Results with `--json`. The code that runs the command writes the last event. */
  readonly json: JsonResults | undefined;
  /** The terminal that reads answers to questions; undefined if there is none. */
  readonly answers: NodeJS.ReadStream | undefined;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  readonly environment: NodeJS.ProcessEnv;
  readonly config: Config;
};

/** A command. It connects with its first call of `client`, after it has checked its arguments. */
export type CommandBody = (job: Job) => Promise<Outcome>;
