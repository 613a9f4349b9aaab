import {isTransient, throwIfAborted} from '../../../protocol/errors.ts';
import type {Connection} from '../connection/connection.ts';
import type {Choice, ServerSet, ServerState} from './server-set.ts';

type Tools = {
  connect(server: ServerState): Promise<Connection>;
  /** A connection that came free meanwhile. */
  idle(): Connection | undefined;
  signal: AbortSignal;
};

/**
 * A connection to the server that `choice` says or, as long as they fail, to the next one.
 *
 * @returns why there is none, if none answers: of all reasons the first that may pass.
 * @throws JangadaError `aborted`; what `choice.otherwise` gives.
 */
export async function firstAnswer(
  servers: ServerSet,
  choice: Choice,
  {connect, idle, signal}: Tools,
): Promise<{connection: Connection} | {failure: unknown}> {
  const failures: unknown[] = [];
  const tried = new Set<ServerState>();
  for (let server = servers.choose(choice); server; server = servers.choose(choice, tried)) {
    try {
      return {connection: await connect(server)};
    } catch (error) {
      throwIfAborted(signal);
      servers.failed(server, error);
      failures.push(error);
      tried.add(server);
      // The server takes no more, or is slow to say so: one that came free meanwhile does as well.
      const connection = isTransient(error) ? idle() : undefined;
      if (connection !== undefined) {
        return {connection};
      }
    }
  }

  const otherwise = servers.otherwise(choice);
  if (otherwise !== undefined) {
    throw otherwise;
  }

  return {failure: failures.find(error => isTransient(error)) ?? failures[0]};
}
