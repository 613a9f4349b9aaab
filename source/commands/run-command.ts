/** Runs one plain command from its checked arguments to its exit status. */
import {displayName} from '../../protocol/display-text.ts';
import {isJangadaError} from '../../protocol/errors.ts';
import {Client} from '../client/client.ts';
import {RateLimiter} from '../client/connection/rate-limiter.ts';
import {Ssh} from '../client/connection/ways/ssh/ssh.ts';
import {type Config, noConfig} from '../config/config.ts';
import {Identities} from '../identities/identities.ts';
import {JobControl} from '../job-control.ts';
import type {Options} from './arguments/option-values.ts';
import type {RunnableCommand} from './arguments/parse.ts';
import {askAboutCertificate} from './certificate-question.ts';
import {tellOfServers} from './connect.ts';
import {describeError} from './errors/describe-error.ts';
import {hash} from './hash.ts';
import {Interrupt} from './interrupt.ts';
import type {CommandBody, Job} from './job.ts';
import {list} from './list/list.ts';
import {type ExitStatus, exitStatus} from './results/exit-status.ts';
import {JsonResults} from './results/json-results.ts';
import {type Outcome, outcomeOf, outcomeOfError} from './results/outcome.ts';
import {CommandOutput, type Stream} from './results/output.ts';

type PlainCommand = Exclude<RunnableCommand, 'open'>;

/** The parts of the process that a command uses. */
type Surroundings = {
  /** Used only where questions can be asked. */
  readonly stdin: NodeJS.ReadStream;
  stdout: Stream;
  stderr: Stream;
  environment: NodeJS.ProcessEnv;
  /** Default: no configuration, and no mistakes in it. */
  config?: Config;
};

// The commands share one file: separate files would take longer to load than all of their code. Only `config` needs the
// schema of all settings, so it has its own.
const fetching = () => import('./fetching.ts');

const bodies: Readonly<Record<PlainCommand, () => Promise<CommandBody>>> = {
  list: async () => list,
  ping: async () => (await import('./ping.ts')).ping,
  config: async () => (await import('./config.ts')).config,
  hash: async () => hash,
  sget: async () => (await fetching()).sget,
  cget: async () => (await fetching()).cget,
  mget: async () => (await fetching()).mget,
  verify: async () => (await fetching()).verify,
  'queue list': async () => (await fetching()).queueList,
  'queue add': async () => (await fetching()).queueAdd,
  'queue run': async () => (await fetching()).queueRun,
  'queue pause': async () => (await fetching()).queuePause,
  'queue resume': async () => (await fetching()).queueResume,
  'queue priority': async () => (await fetching()).queuePriority,
  'queue limits': async () => (await fetching()).queueLimits,
  'queue move': async () => (await fetching()).queueMove,
  'queue cancel': async () => (await fetching()).queueCancel,
  'queue retry': async () => (await fetching()).queueRetry,
  'queue clear': async () => (await fetching()).queueClear,
};

/** Run the command. Resolves when everything is closed and nothing keeps the process alive; never rejects. */
export async function runCommand(
  command: PlainCommand,
  inputs: readonly string[],
  options: Options,
  given: Surroundings,
): Promise<ExitStatus> {
  const {stdout, stderr, environment, config = noConfig} = given;
  using output = new CommandOutput({stdout, stderr, environment, quiet: options.quiet});
  using interrupt = new Interrupt(() => output[Symbol.dispose]());
  const json = options.json ? new JsonResults(output) : undefined;
  // After a second Ctrl-C, or an internal error, there is time only for the last lines.
  const onExit = (status: number) => {
    output[Symbol.dispose]();
    void json?.end(outcomeOf(status === exitStatus.interrupted ? 'aborted' : 'internal'));
  };
  process.once('exit', onExit);
  // At Ctrl-Z the shell gets the terminal back with a cursor and without bars.
  const job = new JobControl(error => output.error(describeError(error, environment)));
  const endJob = job.begin(meanwhile => output.lend(meanwhile));
  try {
    const {signal} = interrupt;
    const answers = stderr.isTTY && given.stdin.isTTY ? given.stdin : undefined;
    const surroundings = {inputs, options, output, json, answers, signal, environment, config};
    const outcome = await outcomeOfCommand(command, surroundings);
    await json?.end(outcome);
    const written = await output.flushed();
    return outcome.status === exitStatus.done && !written ? exitStatus.failed : outcome.status;
  } finally {
    endJob();
    process.off('exit', onExit);
  }
}

function identitiesOf({
  answers,
  environment,
  options,
  output,
}: Omit<Job, 'client' | 'ssh'>): Identities {
  const {server, others, token} = options;
  return new Identities({
    environment,
    token: token === undefined ? undefined : {text: token, servers: [server, ...others]},
    ask:
      answers === undefined
        ? undefined
        : (error, signal) =>
            askAboutCertificate(error, {
              prompt: text => output.prompt(text),
              input: answers,
              signal,
            }),
    onFault: error => output.notice(`jangada: ${displayName(error.message)}`),
  });
}

/** How the command ended. An error is printed already. */
async function outcomeOfCommand(
  command: PlainCommand,
  surroundings: Omit<Job, 'client' | 'ssh'>,
): Promise<Outcome> {
  const {options, output, signal, environment} = surroundings;
  try {
    await using ssh = new Ssh(options.ssh);
    await using client = new Client(options.server, {
      others: options.others,
      ssh,
      connections: Math.max(options.connections, options.files),
      retries: options.retries,
      compress: options.compress,
      limiter: new RateLimiter(options.limit),
      trust: identitiesOf(surroundings),
    });
    tellOfServers(client, output);
    const body = await bodies[command]();
    return await body({...surroundings, client, ssh});
  } catch (error) {
    const isInterrupted = signal.aborted && isJangadaError(error, 'aborted');
    output.error(isInterrupted ? 'Interrupted' : describeError(error, environment));
    return outcomeOfError(error);
  }
}
