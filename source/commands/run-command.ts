/** Runs one plain command from its checked arguments to its exit status. */
import {isJangadaError, JangadaError} from '../../protocol/errors.ts';
import {Client} from '../client/client.ts';
import {RateLimiter} from '../client/connection/rate-limiter.ts';
import type {Options} from './arguments/option-values.ts';
import type {RunnableCommand} from './arguments/parse.ts';
import {describeError} from './errors/describe-error.ts';
import {type ExitStatus, exitStatus, statusOf} from './exit-status.ts';
import {Interrupt} from './interrupt.ts';
import type {CommandBody} from './job.ts';
import {CommandOutput, type Stream} from './output.ts';

type PlainCommand = Exclude<RunnableCommand, 'open'>;

/** The process, as far as a command uses it. */
type Surroundings = {
  stdin: NodeJS.ReadStream;
  stdout: Stream;
  stderr: Stream;
  environment: NodeJS.ProcessEnv;
};

const bodies: Readonly<Record<PlainCommand, () => Promise<CommandBody>>> = {
  list: async () => (await import('./list.ts')).list,
  sget: async () => (await import('./sget.ts')).sget,
  cget: async () => (await import('./sget.ts')).cget,
  mget: async () => (await import('./mget.ts')).mget,
  hash: async () => (await import('./hash.ts')).hash,
  verify: async () => (await import('./verify.ts')).verify,
  'queue list': async () => (await import('./queue/list.ts')).queueList,
  'queue add': async () => (await import('./queue/add.ts')).queueAdd,
  'queue run': async () => (await import('./queue/run.ts')).queueRun,
  'queue pause': async () => (await import('./queue/order.ts')).queuePause,
  'queue resume': async () => (await import('./queue/order.ts')).queueResume,
  'queue priority': async () => (await import('./queue/priority.ts')).queuePriority,
  'queue limits': async () => (await import('./queue/limits.ts')).queueLimits,
  'queue move': async () => (await import('./queue/move.ts')).queueMove,
  'queue cancel': async () => (await import('./queue/cancel.ts')).queueCancel,
  'queue retry': async () => (await import('./queue/order.ts')).queueRetry,
  'queue clear': async () => (await import('./queue/order.ts')).queueClear,
};

/**
 * Run the command. Resolves when all is closed and nothing keeps the process alive; never
 * rejects.
 */
export async function runCommand(
  command: PlainCommand,
  inputs: readonly string[],
  options: Options,
  surroundings: Surroundings,
): Promise<ExitStatus> {
  const {stdin, stdout, stderr, environment} = surroundings;
  using output = new CommandOutput({stdout, stderr, environment, quiet: options.quiet});
  using interrupt = new Interrupt(() => output[Symbol.dispose]());
  const restore = () => output[Symbol.dispose]();
  process.once('exit', restore);
  try {
    await using client = new Client(options.server, {
      connections: Math.max(options.connections, options.files),
      retries: options.retries,
      limiter: new RateLimiter(options.limit),
    });
    const body = await bodies[command]();
    const status = await body({
      client,
      inputs,
      options,
      output,
      answers: stdin.isTTY && stderr.isTTY ? stdin : undefined,
      signal: interrupt.signal,
      environment,
    });
    const written = await output.flushed();
    return status === exitStatus.done && !written ? exitStatus.failed : status;
  } catch (error) {
    if (interrupt.signal.aborted && isJangadaError(error, 'aborted')) {
      output.error('Interrupted');
      return exitStatus.interrupted;
    }

    output.error(describeError(error, environment));
    return error instanceof JangadaError ? statusOf(error.code) : exitStatus.failed;
  } finally {
    process.off('exit', restore);
  }
}
